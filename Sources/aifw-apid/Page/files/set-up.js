import { fill, h } from "./lib/element.js";
import { logIn, Problem, setUp } from "./lib/api.js";
import { Form } from "./lib/form.js";

/// Fills `root` with the first-run set-up: the one-time code makes the first administrator, who is logged in at once;
/// `done()` is called then.
export function showSetUp(root, done) {
    document.title = "Set up · AiFw VPN";
    const form = new Form({
        fields: [
            {
                name: "code", label: "One-time code", required: true,
                hint: ["Printed by ", h("code", {}, "packaging/quickstart"), ", or on the firewall by ",
                    h("code", {}, "aifw admin setup-code"), ". Good for 15 minutes."],
                attributes: { autocapitalize: "characters" },
            },
            {
                name: "username", label: "User name", required: true,
                attributes: { autocomplete: "username", autocapitalize: "none" },
            },
            {
                name: "password", label: "Password", type: "password", required: true, hint: "12 characters or more.",
                attributes: { autocomplete: "new-password" },
            },
            {
                name: "again", label: "Password again", type: "password", required: true,
                attributes: { autocomplete: "new-password" },
            },
        ],
        submit: "Set up",
        save: async ({ code, username, password, again }) => {
            if (again !== password) {
                throw new Problem({
                    status: 0, code: "invalid", title: "A value is wrong", detail: "The passwords differ.",
                    errors: [{ field: "again", detail: "is not the same password" }],
                });
            }
            await makeFirst(code, username, password);
            await logIn(username, password);
            done();
        },
    });
    fill(root, h(
        "main", { class: "card" }, h("h1", {}, "Set up AiFw VPN"),
        h("p", {}, "Make the first administrator of this firewall."), form.element,
        h("p", { class: "aside" }, "Already set up? ", h("a", { href: "/" }, "Log in"))));
    form.field("code").focus();
}

async function makeFirst(code, username, password) {
    try {
        await setUp(code, username, password);
    } catch (error) {
        if (error instanceof Problem && error.code === "setup-code-refused") {
            error.errors = [{ field: "code", detail: error.detail }];
        }
        throw error;
    }
}
