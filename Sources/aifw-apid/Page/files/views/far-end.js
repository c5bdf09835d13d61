/// What the far end of an association is given. It holds keys, so each look at it is an entry of the audit log, and
/// nothing is fetched before it is asked for.

import { get, may, Problem } from "../lib/api.js";
import { copyButton, fileName, saveFile } from "../lib/clipboard.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named, uniqueID } from "../lib/element.js";
import { live } from "../lib/live.js";

const FORMATS = [
    ["xfrm", "Linux", "A script for sh and ip xfrm: keep it there, readable by root alone, and run it at each start."],
    ["setkey", "BSD and others", "A file for setkey -f, of ipsec-tools and the BSDs' own."],
    ["json", "Another AiFw", "The body that makes the far end in another AiFw's API: POST /api/v1/vpn/ipsec."],
];

/// Opens the dialog; `lead` stands above all else in it.
export function openFarEnd({ id, name }, lead = null) {
    const title = ["Far end of ", named(name)];
    if (!may("vpn:secrets")) {
        openDialog({
            title,
            body: h(
                "p", {}, "The far end's configuration holds the keys of the association, and you may not see keys: "
                + "that takes the scope vpn:secrets. Ask an administrator for it, or for the configuration."),
        });
        return;
    }
    const end = new AbortController();
    const problem = h("div", { role: "alert" });
    const text = h("pre", {
        class: "secret", hidden: true, tabindex: "0", "aria-label": "Configuration of the far end",
    });
    const toggle = h(
        "button", { type: "button", "aria-expanded": "false", onclick: () => attempt(showOrHide) }, "Show text");
    const group = uniqueID("format");
    const format = h(
        "fieldset", { class: "field" }, h("legend", {}, "What runs at the far end"),
        h("div", { class: "choices" }, FORMATS.map(([value, label, hint]) => h(
            "label", { class: "choice" },
            h("input", { type: "radio", name: group, value, checked: value === "xfrm", onchange: () => hide() }),
            h("span", {}, label, h("small", {}, hint))))));

    openDialog({
        title,
        wide: true,
        onClose: () => end.abort(),
        body: [
            lead,
            h(
                "p", {}, "What the far end must be told, its keys among it: send it where nobody else can read it. ",
                h("span", { class: "quiet" }, "Who shows, copies or downloads it is written down in the audit log.")),
            format, problem, text,
            h(
                "div", { class: "actions" }, toggle,
                copyButton(() => attempt(async () => (await configuration()).text, true)),
                h("button", { type: "button", class: "primary", onclick: () => attempt(download) }, "Download")),
        ],
    });
    live.addEventListener("change", (event) => {
        if (event.detail.object?.id === id && !text.hidden) {
            hide();
            fill(problem, h("p", { class: "warning" }, "The association was changed: show the text again."));
        }
    }, { signal: end.signal });
    document.addEventListener("session-ended", hide, { signal: end.signal });

    function chosen() {
        return format.querySelector("input:checked").value;
    }

    async function configuration() {
        const form = chosen();
        const { data, response } = await get(`/vpn/ipsec/${id}/config`, {
            query: { format: form }, as: "text", accept: form === "json" ? "application/json" : "text/plain",
            signal: end.signal,
        });
        return { text: data, name: fileName(response, `${name}.json`), form };
    }

    async function showOrHide() {
        if (!text.hidden) {
            hide();
            return;
        }
        const found = await configuration();
        // Another one was chosen meanwhile.
        if (found.form !== chosen()) return;
        fill(text, found.text);
        text.hidden = false;
        fill(toggle, "Hide text");
        toggle.setAttribute("aria-expanded", "true");
    }

    function hide() {
        fill(text);
        text.hidden = true;
        fill(toggle, "Show text");
        toggle.setAttribute("aria-expanded", "false");
        fill(problem);
    }

    async function download() {
        const found = await configuration();
        saveFile(new Blob([found.text], { type: "text/plain" }), found.name);
    }

    /// Runs it; a problem is shown in its words, and passed on too if `passesOn`.
    async function attempt(run, passesOn = false) {
        fill(problem);
        try {
            return await run();
        } catch (error) {
            if (!passesOn && error.name === "AbortError") return null;
            if (error instanceof Problem) fill(problem, h("p", { class: "problem" }, error.detail));
            if (passesOn || !(error instanceof Problem)) throw error;
            return null;
        }
    }
}
