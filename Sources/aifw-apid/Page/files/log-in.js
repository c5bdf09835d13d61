/// The log-in: as a page, and over a page whose session has ended.

import { fill, h, named } from "./lib/element.js";
import { forget, logIn, Problem, user } from "./lib/api.js";
import { Form } from "./lib/form.js";
import { openDialog } from "./lib/dialog.js";

const AS_TYPED = { autocapitalize: "none", autocorrect: "off" };

/// Fills `root` with the log-in; `done()` is called when there is a session.
export function showLogIn(root, done, words = null) {
    document.title = "Log in · AiFw VPN";
    const form = logInForm(done);
    fill(root, h(
        "main", { class: "card" }, h("h1", {}, "AiFw VPN"), words && h("p", {}, words), form.element,
        h("p", { class: "aside" }, "New firewall? ", h("a", { href: "/setup" }, "Set it up with the one-time code"))));
    form.field("username").focus();
}

/// Asks for the password of the user who was logged in, over whatever is open; resolves when there is a session again.
/// The document is told by `session-ended`: keys that are shown are covered.
export function askAgain() {
    document.dispatchEvent(new Event("session-ended"));
    return new Promise((resolve) => {
        const name = user().name;
        const form = logInForm(() => {
            dialog.close();
            resolve();
        }, name);
        const dialog = openDialog({
            title: "Your session has ended",
            closable: false,
            body: [
                h("p", {}, "Log in again to go on: nothing that you have typed is lost."), form.element,
                h("p", { class: "aside" }, h("a", { href: "/", onclick: asSomebodyElse }, "Log in as somebody else")),
            ],
        });
        // Under it no key can be read that is shown this once (style.css).
        dialog.element.classList.add("lock");
        form.field("password").focus();
    });
}

/// Says that the cookie of this browser is another user's now, `name`'s; all that is left is to load the page again.
export function showStranger(name) {
    const dialog = openDialog({
        title: "Somebody else is logged in",
        closable: false,
        body: [
            h(
                "p", {}, "In another tab of this browser ", named(name), " has logged in. Nothing more is read or done "
                + "here, for it would be in the name of ", named(name), "."),
            h(
                "div", { class: "actions" }, h(
                    "button", { type: "button", class: "primary", onclick: () => location.reload() },
                    "Load the page again")),
        ],
    });
    dialog.element.classList.add("lock");
}

function asSomebodyElse(event) {
    event.preventDefault();
    forget();
    location.assign("/");
}

function logInForm(done, name = "") {
    const form = new Form({
        fields: [
            {
                name: "username", label: "User name", required: true, value: name,
                attributes: { autocomplete: "username", readonly: name !== "", ...AS_TYPED },
            },
            {
                name: "password", label: "Password", type: "password", required: true,
                attributes: { autocomplete: "current-password" },
            },
            {
                name: "totp", label: "One-time password", required: true,
                hint: "The six digits that your authenticator shows now.",
                attributes: { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 6 },
            },
        ],
        submit: "Log in",
        save: async ({ username, password, totp }) => {
            try {
                await logIn(username, password, totp);
            } catch (error) {
                if (error instanceof Problem && error.code === "totp-needed" && totp === "") {
                    askForCode();
                    return;
                }
                throw error;
            }
            done();
        },
    });
    const code = form.field("totp");
    code.element.hidden = true;

    function askForCode() {
        code.element.hidden = false;
        code.focus();
    }

    return form;
}
