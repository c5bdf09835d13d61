/// Short words at the edge of the page: what was done, read out and gone after a while.

import { h } from "./element.js";

const region = h("div", { class: "notices", role: "status", "aria-live": "polite" });
document.body.append(region);

/// Says `words` (texts and nodes), for eight seconds or until closed.
export function say(...words) {
    stand(topmost());
    const notice = h(
        "div", { class: "notice" }, h("span", {}, words),
        h("button", { type: "button", class: "close", "aria-label": "Dismiss", onclick: () => notice.remove() }, "×"));
    region.append(notice);
    while (region.childElementCount > 4) region.firstElementChild.remove();
    setTimeout(() => notice.remove(), 8000);
}

/// Says that something was done, and every warning that came with it.
export function sayDone(words, warnings = []) {
    say(words, warnings.map((warning) => h("div", { class: "warning" }, warning)));
}

/// Takes what is said out of `dialog`, which goes.
export function rescue(dialog) {
    if (dialog.contains(region)) stand(topmost(dialog));
}

/// What lies under a dialog is neither read out nor can it be clicked.
function topmost(except = null) {
    return [...document.querySelectorAll("dialog:modal")].filter((one) => one !== except).at(-1) ?? document.body;
}

function stand(place) {
    if (region.parentElement !== place) place.append(region);
}
