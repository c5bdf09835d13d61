/// Many peers at once, from lines that are pasted or in a file: all of them or none.

import { may, post, Problem } from "../lib/api.js";
import { fileName, saveFile } from "../lib/clipboard.js";
import { openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { sayDone } from "../lib/notice.js";
import { LIMIT, NAMES } from "../lib/peer-lines.js";
import { count } from "../lib/words.js";
import { Preview } from "./peer-preview.js";

/// Opens the form; `done()` shows what has become of it.
export function openBulk(tunnel, done) {
    const end = new AbortController();
    const preview = new Preview(end.signal);
    const form = new Form({
        fields: [
            {
                name: "lines", label: "Peers", type: "textarea", required: true,
                hint: h(
                    "span", {}, "A name a line. Or CSV with these columns, of which only the first is needed: ",
                    h("code", {}, NAMES.join(", ")), `. At most ${LIMIT.toLocaleString("en")} at once.`),
                attributes: { placeholder: "name,allowed_ips\nlaptop,10.0.0.7\nphone," },
            },
            { name: "file", label: "Or a CSV file", type: "file", attributes: { accept: ".csv,.txt,text/csv" } },
            ...(may("vpn:secrets") ? [{
                name: "zip", label: "And download their configurations", type: "checkbox",
                hint: "One zip with a file for each, with its private key. Later they can only be had one by one.",
            }] : []),
        ],
        submit: "Add peers",
        cancel: () => dialog.close(),
        foot: preview.element,
        save: async ({ zip }) => {
            const peers = preview.peers();
            const { json, warnings } = await send(tunnel, peers, zip, form.key, preview);
            dialog.close();
            await done();
            sayDone(["Added ", count(peers.length, "peer"), " to ", named(tunnel.name)], json?.warnings ?? warnings);
        },
    });
    const lines = form.field("lines");
    lines.control.addEventListener("input", () => {
        form.clear();
        preview.show(lines.control.value);
    });
    takeFiles(form.field("file"), lines);
    const dialog = openDialog({
        title: ["Add many peers to ", named(tunnel.name)], wide: true, body: form.element,
        isDirty: () => lines.isChanged, onClose: () => end.abort(),
    });
    lines.focus();
    return dialog;
}

async function send(tunnel, peers, zip, key, preview) {
    const path = `/vpn/wg/${tunnel.id}/peers/bulk`;
    try {
        if (!zip) return await post(path, { body: { peers }, key });
        const answer = await post(path, { body: { peers }, key, accept: "application/zip", as: "blob" });
        saveFile(answer.data, fileName(answer.response, "peers.zip"));
        return answer;
    } catch (error) {
        if (error instanceof Problem && preview.take(error.errors)) {
            throw new Problem({ ...error, detail: `Nothing was added. ${preview.summary}`, errors: [] });
        }
        throw error;
    }
}

/// Puts the text of a file that is chosen where lines are typed.
function takeFiles(file, lines) {
    file.control.addEventListener("change", async () => {
        const chosen = file.value;
        if (!chosen) return;
        file.clearFaults();
        try {
            lines.value = new TextDecoder("utf-8", { fatal: true }).decode(await chosen.arrayBuffer());
            lines.control.dispatchEvent(new Event("input"));
        } catch {
            // Neither is in UTF-8 what a spreadsheet has saved in the letters of its country.
            file.addFault("can't be read: save it as CSV in UTF-8");
        }
    });
}
