/// Tokens: who drives the API without a browser.

import { all, post, remove } from "../lib/api.js";
import { copyButton } from "../lib/clipboard.js";
import { confirm, openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { say } from "../lib/notice.js";
import { keep } from "../lib/refresh.js";
import { SCOPES } from "../lib/scopes.js";
import { searchField, Table } from "../lib/table.js";
import { ago, at } from "../lib/words.js";

export function show(view) {
    const table = new Table(view, {
        label: "Tokens",
        sort: "name",
        columns: [
            { name: "name", label: "Name", cell: (token) => named(token.name), sort: (token) => token.name },
            { name: "scopes", label: "May", class: "wide-only", cell: (token) => token.scopes.join(", ") },
            {
                name: "created", label: "Made", class: "roomy", cell: (token) => at(token.created_at),
                sort: (token) => Date.parse(token.created_at),
            },
            {
                name: "expires", label: "Expires", cell: (token) => (token.expires_at ? ago(token.expires_at) : "never"),
                sort: (token) => (token.expires_at ? Date.parse(token.expires_at) : Infinity),
            },
            {
                name: "acts", label: "What can be done", hidden: true, class: "acts", fixed: true,
                cell: (token) => h("button", {
                    type: "button", "aria-label": `Delete ${token.name}`,
                    onclick: () => askToDelete(table.row(token.id), refresh),
                }, "Delete"),
            },
        ],
        empty: h("p", {}, "There are no tokens. A program, or a script with curl, needs one to use the API."),
        matches: (token, words) => token.name.toLowerCase().includes(words),
    });
    view.show(
        "Tokens",
        { actions: [h("button", { type: "button", class: "primary", onclick: () => openForm(refresh) }, "Add token")] },
        h("div", { class: "toolbar" }, searchField(table, "Search tokens")), table.element);
    const refresh = keep(view, async () => {
        table.show(await all("/tokens", { signal: view.signal }));
    }, { concerns: (name, event) => event.object?.type === "token" });
}

function openForm(refresh) {
    const form = new Form({
        fields: [
            { name: "name", label: "Name", required: true, hint: "What it is for: a host, a script." },
            { name: "scopes", label: "May", type: "choices", options: SCOPES, value: ["vpn:read"] },
            { name: "expires_at", label: "Expires", type: "time", hint: "Empty: never." },
        ],
        submit: "Add token",
        cancel: () => dialog.close(),
        save: async (values) => {
            const { data } = await post("/tokens", { body: values, key: form.key });
            dialog.close();
            showSecret(data);
            await refresh();
        },
    });
    const dialog = openDialog({ title: "Add token", body: form.element, isDirty: () => form.isDirty });
    form.field("name").focus();
}

/// The secret is in this answer only.
function showSecret(token) {
    const dialog = openDialog({
        title: "The new token",
        body: [
            h("p", {}, "This is the only time that ", named(token.name), " can be seen. Keep it where secrets are kept."),
            h("pre", { class: "secret", tabindex: "0", "aria-label": "The token" }, token.token),
            h(
                "div", { class: "actions" }, copyButton(() => token.token, "Copy"),
                h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done")),
        ],
    });
}

function askToDelete(token, refresh) {
    confirm({
        title: "Delete the token?",
        text: h("p", {}, "Whoever uses ", named(token.name), " is refused from that moment on."),
        action: "Delete token",
        run: async () => {
            await remove(`/tokens/${token.id}`);
            await refresh();
            say("Deleted the token ", named(token.name));
        },
    });
}
