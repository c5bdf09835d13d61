/// The dialog that restores a backup: what would be changed is shown before anything is.

import { post, Problem } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { at } from "../lib/words.js";
import { isSendable, passphraseField, unfit } from "./backup-passphrase.js";

/// The most that the API takes.
const LIMIT = 64 * 1024 * 1024;
const KINDS = [
    ["tunnels", "Tunnels"], ["peers", "Peers"], ["associations", "IPsec associations"], ["tokens", "Tokens"],
    ["users", "Users"], ["webhooks", "Webhooks"],
];
const COUNTS = ["created", "updated", "deleted", "unchanged"];
/// Whose words belong to a field; the rest stands above the button.
const FIELDS = {
    "not-a-backup": "file", "backup-version": "file", "backup-damaged": "file", "payload-too-large": "file",
    "wrong-passphrase": "passphrase", "recovery-needed": "new_tunnel_keys",
};

export function openRestore(refresh) {
    const body = h("div");
    let isUnderWay = false;
    const form = new Form({
        fields: [
            { name: "file", label: "File of a backup", type: "file", required: true },
            { ...passphraseField, hint: "The one that the backup was made with.", attributes: { autocomplete: "off" } },
            {
                name: "new_tunnel_keys", type: "checkbox",
                label: "Give new keys to tunnels whose own can't be had here",
                hint: "For a backup of another machine without its recovery code. Every client of these tunnels "
                    + "needs a new configuration then.",
            },
        ],
        submit: "Show changes",
        cancel: () => dialog.close(),
        save: async (values) => {
            const wanted = { ...values, content: await read(values.file) };
            if (!isSendable(wanted.passphrase)) throw unfit();
            showTrial(await send(wanted, true), wanted);
        },
    });
    const dialog = openDialog({
        title: "Restore a backup", body, isDirty: () => isUnderWay || form.isDirty && form.element.isConnected,
        isHeld: () => isUnderWay,
    });
    showForm();

    function showForm() {
        if (isUnderWay) return;
        dialog.setTitle("Restore a backup");
        fill(body, form.element);
        form.field("file").focus();
    }

    function showTrial(answer, wanted) {
        const problem = h("div", { role: "alert" });
        const go = h("button", { type: "button", class: "danger", onclick: run }, "Restore now");
        dialog.setTitle("What a restore would change");
        fill(
            body, h("p", {}, "Of the backup of ", at(answer.data.backup_created_at), ":"), ...account(answer),
            h("p", {}, "It is done at once, or nothing is. Only another backup brings back what is deleted."),
            problem,
            h("div", { class: "actions" }, h("button", { type: "button", onclick: showForm }, "Back"), go));
        go.focus();

        async function run() {
            if (isUnderWay) return;
            isUnderWay = true;
            go.setAttribute("aria-disabled", "true");
            fill(go, "Restoring…");
            fill(problem);
            try {
                showResult(await send(wanted, false));
            } catch (error) {
                if (!(error instanceof Problem)) throw error;
                fill(problem, h("p", { class: "problem" }, error.detail));
            } finally {
                isUnderWay = false;
                go.removeAttribute("aria-disabled");
                fill(go, "Restore now");
            }
        }
    }

    function showResult(answer) {
        dialog.setTitle("Restored");
        const done = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done");
        fill(
            body, h("p", { role: "status" }, "All is as the backup of ", at(answer.data.backup_created_at), " has it."),
            ...account(answer), h("div", { class: "actions" }, done));
        done.focus();
        refresh();
    }
}

/// Into memory, so that what is restored is what was shown.
async function read(file) {
    if (!file) throw atField("file", "Choose the file of a backup.");
    if (file.size > LIMIT) throw atField("file", "The file is larger than any backup: 64 MiB at most.");
    try {
        return await file.arrayBuffer();
    } catch {
        throw atField("file", "The browser can't read the file any more: choose it again.");
    }
}

async function send({ content, passphrase, new_tunnel_keys: renews }, isTrial) {
    try {
        const { data, warnings } = await post("/restore", {
            query: { dry_run: isTrial || null, new_tunnel_keys: renews || null }, raw: content,
            type: "application/octet-stream", headers: { "Backup-Passphrase": passphrase },
        });
        return { data, warnings };
    } catch (error) {
        const field = error instanceof Problem && FIELDS[error.code];
        if (field && error.errors.length === 0) error.errors = [{ field, detail: error.detail }];
        throw error;
    }
}

function atField(field, detail) {
    return new Problem({ status: 0, code: "invalid", title: "A value is wrong", detail, errors: [{ field, detail }] });
}

/// What was, or would be, done: how many of each kind, and what that cuts off.
function account({ data, warnings }) {
    const interrupts = data.new_tunnel_keys.length + data.restarted_tunnels.length > 0;
    return [
        h(
            "table", { class: "counts", "aria-label": "What changes" },
            h("thead", {}, h(
                "tr", {}, h("th", { scope: "col" }, h("span", { class: "read-out" }, "What")),
                COUNTS.map((word) => h("th", { scope: "col", class: "number" }, word)))),
            h("tbody", {}, KINDS.map(([kind, words]) => h(
                "tr", {}, h("th", { scope: "row" }, words),
                COUNTS.map((word) => h("td", { class: "number" }, String(data[kind][word]))))))),
        interrupts ? null : h("p", {}, "No tunnel gets a new key, and none that stays is restarted."),
        warnings.map((warning) => h("p", { class: "warning" }, warning)),
    ];
}
