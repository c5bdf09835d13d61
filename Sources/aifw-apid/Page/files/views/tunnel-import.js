/// Files of wg-quick become tunnels: what they would be is shown before anything is made.

import { post } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { sayDone } from "../lib/notice.js";
import { Problem } from "../lib/problem.js";
import { count } from "../lib/words.js";

/// What the API takes in one request.
const MOST_BYTES = 64 * 1024 * 1024;

/// Opens it; `done()` is waited for when tunnels were made.
export function openImport(done) {
    const place = h("div");
    const form = new Form({
        fields: [
            {
                name: "files", label: "Files", type: "files", attributes: { accept: ".conf,.zip" },
                hint: "One or more .conf files of wg-quick, or a zip of them. You may drop them anywhere here.",
            },
            {
                name: "config", label: "Or the text of a file", type: "textarea",
                attributes: { placeholder: "[Interface]\nPrivateKey = …\nAddress = 10.0.0.1/24" },
            },
            {
                name: "name", label: "Name",
                hint: "For a single tunnel. Empty: it is called as its file, or its interface.",
            },
        ],
        submit: "Check",
        cancel: () => dialog.close(),
        save: async (values) => {
            const request = await requestOf(values);
            const { data, warnings } = await post("/vpn/wg/import", { ...request, query: { dry_run: true } });
            showPreview(request, data, warnings);
        },
    });
    const dialog = openDialog({ title: "Import tunnels", body: place, wide: true, isDirty: () => form.isDirty });

    function showChoice() {
        fill(place, form.element);
        form.field("files").focus();
    }

    function showPreview(request, made, warnings) {
        const words = count(made.length, "tunnel");
        const confirmation = new Form({
            fields: [],
            foot: preview(made, warnings),
            submit: `Import ${words}`,
            cancel: showChoice,
            cancelWords: "Back",
            save: async () => {
                const answer = await post("/vpn/wg/import", { ...request, key: confirmation.key });
                dialog.close();
                await done();
                sayDone(`Imported ${count(answer.data.length, "tunnel")}, down until you start them`, answer.warnings);
            },
        });
        const heading = h("h3", { tabindex: "-1" }, `${words} would be made; nothing is changed yet`);
        fill(place, heading, confirmation.element);
        heading.focus();
    }

    takeDrops(dialog.element, (files) => {
        if (!form.element.isConnected) return;
        form.field("files").control.files = files;
        form.field("files").focus();
    });
    showChoice();
}

/// What is sent, twice. Throws a `Problem` where there is nothing to send, or too much.
async function requestOf({ files, config, name }) {
    if (files.length === 0 && config === null) throw fault("files", "Choose a file, or paste the text of one.");
    if (files.length > 0 && config !== null) throw fault("config", "Leave this empty, or choose no file.");
    if (files.length === 0) return { body: given({ config, name }) };
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > MOST_BYTES) throw fault("files", "These are more than 64 MiB together.");
    const zips = files.filter((file) => file.name.toLowerCase().endsWith(".zip"));
    if (zips.length > 0 && files.length > 1) throw fault("files", "A zip is imported by itself: choose it alone.");
    if (name !== null && (zips.length > 0 || files.length > 1)) {
        throw fault("name", "Leave this empty: each tunnel is called as its file.");
    }
    if (zips.length > 0) return { raw: zips[0], type: "application/zip" };
    const read = files.map(async (file) => given({ file: file.name, config: await contents(file), name }));
    return { body: { files: await Promise.all(read) } };
}

function given(values) {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

async function contents(file) {
    try {
        return await file.text();
    } catch (error) {
        // It was removed or changed since it was chosen.
        if (!(error instanceof DOMException)) throw error;
        throw fault("files", `${file.name} can't be read any more: choose it again.`);
    }
}

function fault(field, detail) {
    return new Problem({ status: 0, code: "not-sent", title: "Not sent", detail, errors: [{ field, detail }] });
}

/// What would be made, and what of the files would not be.
function preview(made, warnings) {
    const head = ["Tunnel", "Interface", "Port", "Address", "Peers"];
    return h(
        "div", { class: "preview" },
        h(
            "div", { class: "scrolling", tabindex: "0", role: "group", "aria-label": "What would be made" },
            h(
                "table", {}, h("thead", {}, h("tr", {}, head.map((words) => h("th", { scope: "col" }, words)))),
                h("tbody", {}, made.map(({ tunnel, peers }) => h(
                    "tr", {}, h("td", {}, named(tunnel.name)), h("td", {}, tunnel.interface),
                    h("td", {}, String(tunnel.listen_port)), h("td", {}, tunnel.address),
                    h("td", {}, peers.length.toLocaleString("en"))))))),
        warnings.length > 0 && [
            h("h3", {}, count(warnings.length, "warning")),
            h("ul", { class: "warning" }, warnings.map((warning) => h("li", {}, warning))),
        ]);
}

/// Files that are dropped on `element` are `taken(files)`.
function takeDrops(element, taken) {
    element.addEventListener("dragover", (event) => {
        event.preventDefault();
        element.classList.add("dropping");
    });
    element.addEventListener("dragleave", () => element.classList.remove("dropping"));
    element.addEventListener("drop", (event) => {
        event.preventDefault();
        element.classList.remove("dropping");
        if (event.dataTransfer.files.length > 0) taken(event.dataTransfer.files);
    });
}
