/// A configuration with keys in it: handed out when it is asked for, and covered until then.

import { Problem } from "./api.js";
import { copyButton, saveFile } from "./clipboard.js";
import { fill, h, uniqueID } from "./element.js";

// What is on the page is covered when the session ends.
document.addEventListener("session-ended", () => {
    for (const one of document.querySelectorAll(".secret-text")) one.dispatchEvent(new Event("session-ended"));
});

/// Buttons to download, copy and show it, and its text once that is asked for. `fetch()` resolves to `{content, name}`,
/// a Blob and the name of a file; what it throws goes to `failed`. Returns `{element, reset}`: ``reset()`` covers the
/// text, because it is another's now.
export function secretText({ fetch, failed = () => {} }) {
    const id = uniqueID("configuration");
    const text = h("pre", {
        id, class: "secret", role: "region", tabindex: "0", "aria-label": "The configuration", hidden: true,
    });
    let turns = 0;
    const toggle = h(
        "button", { type: "button", "aria-expanded": "false", "aria-controls": id, onclick: turn }, "Show text");

    async function attempt(act) {
        try {
            return await act(await fetch());
        } catch (error) {
            failed(error);
            throw error;
        }
    }

    function turn() {
        if (text.hidden) reveal();
        else reset();
    }

    function reveal() {
        const turn = turns;
        quietly(async ({ content }) => {
            const words = await content.text();
            // Meanwhile another one may have been chosen.
            if (turn === turns) show(words);
        });
    }

    function show(words) {
        fill(text, words);
        text.hidden = false;
        toggle.setAttribute("aria-expanded", "true");
        fill(toggle, "Hide text");
    }

    function reset() {
        turns += 1;
        cover();
    }

    function cover() {
        fill(text);
        text.hidden = true;
        toggle.setAttribute("aria-expanded", "false");
        fill(toggle, "Show text");
    }

    /// What went wrong is shown by `failed`.
    function quietly(act) {
        attempt(act).catch((error) => {
            if (!(error instanceof Problem) && error.name !== "AbortError") throw error;
        });
    }

    const element = h(
        "div", { class: "secret-text" },
        h(
            "div", { class: "actions" },
            h("button", {
                type: "button", class: "primary",
                onclick: () => quietly(({ content, name }) => saveFile(content, name)),
            }, "Download"),
            copyButton(() => attempt(({ content }) => content.text())), toggle),
        text);
    // What was asked for when the session had ended already is shown after the log-in.
    element.addEventListener("session-ended", cover);
    return { element, reset };
}
