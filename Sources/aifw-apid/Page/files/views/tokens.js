/// Tokens: who drives the API without a browser.

import { all, post, remove, serverNow } from "../lib/api.js";
import { copyButton } from "../lib/clipboard.js";
import { confirm, openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { say } from "../lib/notice.js";
import { keep } from "../lib/refresh.js";
import { admits, SCOPES, scopesInWords } from "../lib/scopes.js";
import { state } from "../lib/state.js";
import { searchField, Table } from "../lib/table.js";
import { ago, at } from "../lib/words.js";

/// How long a token is good for: days, or what else is done.
const LIFETIMES = [
    ["30", "in 30 days"], ["90", "in 90 days"], ["365", "in a year"], ["never", "never"],
    ["other", "at a time to choose"],
];

export function show(view) {
    if (!admits(view, "Tokens")) return;
    const table = new Table(view, {
        label: "Tokens",
        sort: "name",
        query: view.query.get("q") ?? "",
        columns: [
            {
                name: "name", label: "Name", sort: (token) => token.name,
                cell: (token) => [
                    named(token.name), h("small", { class: "narrow-only" }, scopesInWords(token.scopes)),
                ],
            },
            { name: "scopes", label: "May", class: "wide-only", cell: (token) => scopesInWords(token.scopes) },
            {
                name: "created", label: "Made", class: "roomy", cell: (token) => at(token.created_at),
                sort: (token) => Date.parse(token.created_at),
            },
            {
                name: "expires", label: "Expires", cell: expiry,
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
        // That one expires is no event.
    }, { concerns: (name, event) => event.object?.type === "token" || event.action === "restore", every: 20_000 });
}

function expiry({ expires_at: time }) {
    if (!time) return "never";
    return Date.parse(time) > serverNow() ? ago(time) : [state("expired"), " ", ago(time)];
}

function openForm(refresh) {
    /// When the attempt under its key began: sent again, it must ask for the same.
    const attempt = { key: null, time: 0 };
    const form = new Form({
        fields: [
            { name: "name", label: "Name", required: true, hint: "What it is for: a host, a script." },
            { name: "scopes", label: "May", type: "choices", options: SCOPES, value: ["vpn:read"] },
            {
                name: "lifetime", label: "Expires", type: "select", options: LIFETIMES, value: "90", required: true,
                attributes: { onchange: () => showTime() },
            },
            { name: "expires_at", label: "Expires at", type: "time", required: true },
        ],
        submit: "Add token",
        cancel: () => dialog.close(),
        save: async ({ name, scopes, lifetime, expires_at: time }) => {
            if (form.key !== attempt.key) Object.assign(attempt, { key: form.key, time: serverNow() });
            const expiry = lifetime === "other" ? time ?? "" : end(lifetime, attempt.time);
            const { data } = await post("/tokens", { body: { name, scopes, expires_at: expiry }, key: attempt.key });
            dialog.close();
            showSecret(data);
            await refresh();
        },
    });
    const dialog = openDialog({ title: "Add token", body: form.element, isDirty: () => form.isDirty });
    const showTime = () => { form.field("expires_at").element.hidden = form.field("lifetime").value !== "other"; };
    showTime();
    form.field("name").focus();
}

/// The time so many days after `begin`, as the API writes it; null for "never".
function end(lifetime, begin) {
    if (lifetime === "never") return null;
    return new Date(begin + Number(lifetime) * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
}

/// The secret is in this answer only.
function showSecret(token) {
    const dialog = openDialog({
        title: "The new token",
        body: [
            h(
                "p", {}, "This is the only time that ", named(token.name),
                " can be seen. Keep it where secrets are kept."),
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
