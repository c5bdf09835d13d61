/// The form of a user: a new one, or what one has.

import { get, may, patch, post, Problem, renamed, user as caller } from "../lib/api.js";
import { oneAtATime, openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { say } from "../lib/notice.js";
import { SCOPES } from "../lib/scopes.js";

/// Without `row` it is for a new user; else for the one that a list shows, as it is read now.
export const openUserForm = oneAtATime(async (refresh, row = null) => {
    let read;
    try {
        read = row ? await get(`/users/${row.id}`) : null;
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say(error.detail);
        await refresh();
        return;
    }
    const user = read?.data ?? null;
    const isOwn = user?.username.toLowerCase() === caller().name.toLowerCase();
    const form = new Form({
        fields: fields(user),
        submit: user ? "Save" : "Add user",
        cancel: () => dialog.close(),
        foot: user && h(
            "p", { class: "quiet" }, "Another password, or other rights, log the user out everywhere.",
            isOwn && " This is you: you will be asked to log in again, and go on."),
        save: async ({ username, scopes, password, again }) => {
            if (again !== password) throw differing();
            const { again: _, ...changes } = form.changes;
            const { data } = user
                ? await patch(`/users/${user.id}`, { body: changes, etag: read.etag })
                : await post("/users", { body: { username, scopes, password }, key: form.key });
            if (isOwn && data.username !== caller().name) renamed(data.username);
            dialog.close();
            await refresh();
            // Who has taken away the own rights is shown what is left.
            if (isOwn && !may("admin")) location.assign("/");
            say(user ? "Saved the user " : "Added the user ", named(data.username));
        },
    });
    const dialog = openDialog({
        title: user ? ["Edit ", named(user.username)] : "Add user", body: form.element, isDirty: () => form.isDirty,
    });
    form.field("username").focus();
});

function fields(user) {
    return [
        {
            name: "username", label: "Name", required: true, value: user?.username ?? "",
            hint: "To log in with. Letters, digits and . _ @ -",
            attributes: { autocapitalize: "none", autocorrect: "off", autocomplete: "off" },
        },
        { name: "scopes", label: "May", type: "choices", options: SCOPES, value: user?.scopes ?? ["vpn:read"] },
        {
            name: "password", label: user ? "New password" : "Password", type: "password", required: !user,
            hint: `12 characters or more.${user ? " Empty: it stays." : ""}`,
            attributes: { autocomplete: "new-password" },
        },
        {
            name: "again", label: "Password again", type: "password", required: !user,
            attributes: { autocomplete: "new-password" },
        },
    ];
}

function differing() {
    return new Problem({
        status: 0, code: "invalid", title: "A value is wrong", detail: "The passwords differ.",
        errors: [{ field: "again", detail: "is not the same password" }],
    });
}
