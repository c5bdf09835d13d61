/// The dialog that makes a backup.

import { get, Problem } from "../lib/api.js";
import { saveFile } from "../lib/clipboard.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { sayDone } from "../lib/notice.js";
import { bytes } from "../lib/words.js";
import { isSendable, passphraseField, unfit } from "./backup-passphrase.js";

export function openBackup(refresh) {
    const progress = h("p", { class: "quiet", role: "status" });
    const end = new AbortController();
    const form = new Form({
        fields: [
            {
                ...passphraseField,
                hint: "12 characters or more, of those on an English keyboard. A restore asks for it.",
                attributes: { autocomplete: "new-password" },
            },
            {
                name: "again", label: "Passphrase again", type: "password", required: true,
                attributes: { autocomplete: "new-password" },
            },
        ],
        foot: [
            h(
                "p", {}, "Write the passphrase down where the file is not. ",
                h("strong", {}, "Nobody can open the backup without it: there is no way to recover it.")),
            progress,
        ],
        submit: "Make the backup",
        cancel: () => dialog.close(),
        save: async ({ passphrase, again }) => {
            if (again !== passphrase) throw differing();
            if (!isSendable(passphrase)) throw unfit();
            fill(progress, "Making the key. This takes a moment…");
            try {
                const { data, response } = await get("/backup", {
                    as: "blob", accept: "application/octet-stream", headers: { "Backup-Passphrase": passphrase },
                    signal: end.signal,
                    received: (count) => { fill(progress, `Received ${bytes(count)}…`); },
                });
                saveFile(data, fileName(response));
                dialog.close();
                sayDone(`Backup made: ${fileName(response)}, ${bytes(data.size)}`, warnings(response));
                await refresh();
            } catch (error) {
                if (end.signal.aborted) return;
                throw error;
            } finally {
                fill(progress);
            }
        },
    });
    const dialog = openDialog({
        title: "Make a backup", body: form.element, isDirty: () => form.isDirty, onClose: () => end.abort(),
    });
    form.field("passphrase").focus();
}

function fileName(response) {
    return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "aifw-vpn.backup";
}

/// What the backup can't do on another machine: percent-encoded texts in a header field.
function warnings(response) {
    const field = response.headers.get("Backup-Warnings");
    return field ? field.split(",").map((text) => decodeURIComponent(text)) : [];
}

function differing() {
    return new Problem({
        status: 0, code: "invalid", title: "A value is wrong", detail: "The passphrases differ.",
        errors: [{ field: "again", detail: "is not the same passphrase" }],
    });
}
