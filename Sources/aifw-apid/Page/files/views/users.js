/// Users: who logs in with a password.

import { all, logOut, remove, user as caller } from "../lib/api.js";
import { confirm } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { say } from "../lib/notice.js";
import { keep } from "../lib/refresh.js";
import { admits, scopesInWords } from "../lib/scopes.js";
import { searchField, Table } from "../lib/table.js";
import { ago } from "../lib/words.js";
import { openUserForm } from "./user-form.js";
import { askToRemoveCodes, openEnrolment } from "./user-totp.js";

export function show(view) {
    if (!admits(view, "Users")) return;
    const table = new Table(view, {
        label: "Users",
        sort: "name",
        query: view.query.get("q") ?? "",
        columns: [
            {
                name: "name", label: "Name", sort: (user) => user.username,
                cell: (user) => [named(user.username), isCaller(user) && h("small", {}, " (you)")],
            },
            { name: "scopes", label: "May", class: "wide-only", cell: (user) => scopesInWords(user.scopes) },
            {
                name: "codes", label: "One-time password", class: "codes",
                fixed: true, renew: showCodes,
                cell: ({ id }) => {
                    const cell = [
                        h("span", { class: "wide-only" }),
                        h("button", { type: "button", onclick: () => changeCodes(table.row(id), refresh) }),
                    ];
                    showCodes({ children: cell }, table.row(id));
                    return cell;
                },
            },
            {
                name: "seen", label: "Last log-in", class: "roomy",
                cell: (user) => (user.last_login_at ? ago(user.last_login_at) : "never"),
                sort: (user) => (user.last_login_at ? Date.parse(user.last_login_at) : 0),
            },
            {
                name: "acts", label: "What can be done", hidden: true, class: "acts", fixed: true,
                renew: (cell, user) => nameActs(cell.firstElementChild, user),
                cell: (user) => nameActs(h(
                    "div", { class: "actions" },
                    h("button", { type: "button", onclick: () => openUserForm(refresh, table.row(user.id)) }, "Edit"),
                    h("button", { type: "button", onclick: () => askToDelete(table.row(user.id), refresh) }, "Delete")),
                user),
            },
        ],
        empty: h("p", {}, "There are no users."),
        matches: (user, words) => user.username.toLowerCase().includes(words),
    });
    view.show(
        "Users",
        {
            actions: [h(
                "button", { type: "button", class: "primary", onclick: () => openUserForm(refresh) }, "Add user")],
        },
        h("div", { class: "toolbar" }, searchField(table, "Search users")), table.element);
    const refresh = keep(view, async () => {
        table.show(await all("/users", { signal: view.signal }));
        // A log-in is no event.
    }, { concerns: (name, event) => event.object?.type === "user" || event.action === "restore", every: 20_000 });
}

/// Whether a log-in needs a one-time password, and the button that changes it; the name may be another one now.
function showCodes({ children: [word, button] }, user) {
    fill(word, user.has_totp ? "yes " : "no ");
    fill(button, user.has_totp ? "Remove" : "Set up");
    button.setAttribute(
        "aria-label", `${user.has_totp ? "Remove" : "Set up"} one-time passwords of ${user.username}`);
}

function changeCodes(user, refresh) {
    if (user.has_totp) askToRemoveCodes(user, isCaller(user), refresh);
    else openEnrolment(user, isCaller(user), refresh);
}

function nameActs(acts, user) {
    for (const button of acts.children) button.setAttribute("aria-label", `${button.textContent} ${user.username}`);
    return acts;
}

/// Whether it is who looks at the page. Names are the same in upper and lower case.
function isCaller(user) {
    return user.username.toLowerCase() === caller().name.toLowerCase();
}

function askToDelete(user, refresh) {
    const isOwn = isCaller(user);
    confirm({
        title: "Delete the user?",
        text: h(
            "p", {}, named(user.username), " can log in no more, and is logged out wherever that is now.",
            isOwn && " This is you: this page ends too."),
        action: "Delete user",
        run: async () => {
            await remove(`/users/${user.id}`);
            if (isOwn) {
                await logOut();
                location.assign("/");
                return;
            }
            await refresh();
            say("Deleted the user ", named(user.username));
        },
    });
}
