/// Dialogs: the browser's own, which keep the focus inside and give it back.

import { fill, h, uniqueID } from "./element.js";
import { Problem } from "./api.js";
import { rescue, say } from "./notice.js";

const open = [];

/// Whether something was typed into a dialog that is open.
export function somethingIsTyped() {
    return open.some((one) => one.isDirty());
}

/// Closes every dialog that may be closed: its page is left.
export function closeAll() {
    for (const one of [...open].reverse()) {
        if (one.closable) one.close();
    }
}

/// Shows a dialog that has `title` as its name. `body`: nodes. `wide` gives it more room. `isDirty` says whether
/// closing would lose something: then it is asked, with `loss` for what and `stay` on the button that does not.
/// While `isHeld` says so, whoever wants to close it can't: something is under way whose outcome it shows. `onClose` is
/// called once. Returns `{element, close, setTitle}`.
export function openDialog({
    title, body, wide = false, isDirty = () => false, loss = "What you have typed is not saved.", stay = "Keep editing",
    onClose = () => {}, closable = true, isHeld = () => false,
}) {
    const id = uniqueID("dialog");
    let isDone = false;
    const heading = h("h2", { id }, title);
    const asking = h("div", { class: "asking", role: "alert" });
    const element = h(
        "dialog", { "aria-labelledby": id, class: wide ? "wide" : "", closedby: closable ? null : "none" },
        h("header", {}, heading, closable && h(
            "button", { type: "button", class: "close", "aria-label": "Close", onclick: () => leave() }, "×")),
        asking, h("div", { class: "body" }, body));
    const dialog = {
        element,
        isDirty,
        closable,
        close() {
            isDone = true;
            if (element.open) element.close();
        },
        setTitle(text) { fill(heading, text); },
    };

    function leave() {
        if (isHeld()) return;
        if (!isDirty()) {
            dialog.close();
            return;
        }
        const back = h("button", { type: "button", onclick: () => { fill(asking); } }, stay);
        fill(
            asking, h("p", {}, loss),
            h("div", { class: "actions" }, back, h(
                "button", { type: "button", class: "danger", onclick: () => dialog.close() }, "Discard it")));
        back.focus();
    }

    element.addEventListener("cancel", (event) => {
        event.preventDefault();
        if (closable) leave();
    });
    element.addEventListener("close", () => {
        // A second Escape in a row closes it whatever was said to the first.
        if (!isDone && (!closable || isHeld() || isDirty())) {
            element.showModal();
            if (closable) leave();
            return;
        }
        open.splice(open.indexOf(dialog), 1);
        rescue(element);
        element.remove();
        onClose();
        // What had the focus before is gone, deleted perhaps.
        if (document.activeElement === document.body) document.querySelector("main h1")?.focus({ preventScroll: true });
    });
    document.body.append(element);
    open.push(dialog);
    element.showModal();
    return dialog;
}

/// `show`, which asks the API before its dialog covers what was pressed, as a function that does nothing while that is
/// under way: a second click opens no second one.
export function oneAtATime(show) {
    let isOpening = false;
    return async (...values) => {
        if (isOpening) return;
        isOpening = true;
        try {
            await show(...values);
        } finally {
            isOpening = false;
        }
    };
}

/// Asks before something is done that can't be taken back. `text`: nodes that say what will happen. `run` does it: the
/// dialog stays while it is under way, shows the problem's words if it fails, and closes when it is done; then `after`
/// gets what `run` resolved to. To close it before stops nothing: what goes wrong then is said by a notice.
export function confirm({ title, text, action, run, after = () => {} }) {
    const problem = h("div", { role: "alert" });
    const go = h("button", { type: "button", class: "danger", onclick: act }, action);
    const dialog = openDialog({
        title,
        body: [
            h("div", { class: "text" }, text), problem,
            h("div", { class: "actions" }, h(
                "button", { type: "button", onclick: () => dialog.close() }, "Cancel"), go),
        ],
    });

    async function act() {
        if (go.getAttribute("aria-disabled")) return;
        go.setAttribute("aria-disabled", "true");
        fill(problem);
        try {
            const result = await run();
            dialog.close();
            after(result);
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            if (dialog.element.open) fill(problem, h("p", { class: "problem" }, error.detail));
            else say(h("span", { class: "problem" }, `${action}: ${error.detail}`));
        } finally {
            go.removeAttribute("aria-disabled");
        }
    }

    return dialog;
}
