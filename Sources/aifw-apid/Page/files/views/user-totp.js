/// One-time passwords of a user: an authenticator is enrolled by a picture that is shown once, or done without.

import { call, post, remove } from "../lib/api.js";
import { confirm, oneAtATime, openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { copyButton } from "../lib/clipboard.js";
import { Form } from "../lib/form.js";
import { say } from "../lib/notice.js";
import { Problem } from "../lib/problem.js";

const YOU = " This is you: you will be asked to log in again, with a code.";

/// Shows a new secret as a QR code and as text, and asks for a code of it. Until then log-ins are as they were.
export const openEnrolment = oneAtATime(async (user, isOwn, refresh) => {
    let secret;
    try {
        ({ data: secret } = await post(`/users/${user.id}/totp`));
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say(error.detail);
        await refresh();
        return;
    }
    const picture = URL.createObjectURL(new Blob([secret.qr_svg], { type: "image/svg+xml" }));
    const form = new Form({
        fields: [{
            name: "code", label: "Code", required: true, hint: "The six digits that the authenticator shows now.",
            attributes: { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 6 },
        }],
        submit: "Switch on",
        cancel: () => dialog.close(),
        save: async ({ code }) => {
            await call("PUT", `/users/${user.id}/totp`, { body: { code } });
            dialog.close();
            await refresh();
            say(named(user.username), " needs a one-time password to log in from now on");
        },
    });
    const dialog = openDialog({
        title: ["One-time passwords for ", named(user.username)],
        body: [
            h(
                "p", {}, "Scan this with an authenticator, an app on the phone of ", named(user.username), ", or type "
                    + "the secret there. It is shown this once. Then type the code that it shows: from that moment "
                    + "each log-in needs one, and ", named(user.username), " is logged out everywhere.", isOwn && YOU),
            h(
                "div", { class: "enrolment" },
                h("img", { src: picture, alt: "QR code for an authenticator", width: 296, height: 296 }),
                h(
                    "p", {}, "Secret ", h("code", { class: "secret" }, secret.secret), " ",
                    copyButton(() => secret.secret, "Copy"))),
            form.element,
        ],
        isDirty: () => form.isDirty,
        onClose: () => URL.revokeObjectURL(picture),
    });
    form.field("code").focus();
});

export function askToRemoveCodes(user, isOwn, refresh) {
    confirm({
        title: "Remove one-time passwords?",
        text: h(
            "p", {}, "The password alone lets ", named(user.username), " in then, who is logged out everywhere now.",
            isOwn && " This is you: you will be asked to log in again."),
        action: "Remove",
        run: async () => {
            await remove(`/users/${user.id}/totp`);
            await refresh();
            say("Removed the one-time passwords of ", named(user.username));
        },
    });
}
