/// What an entry of the audit log says was changed, in words.

import { h, named } from "../lib/element.js";
import { at } from "../lib/words.js";

/// The API's `changes` as a list of "name: before → after", "name: value" or "name: 2 created"; null for none.
export function changesInWords(changes) {
    const members = Object.entries(changes ?? {}).filter(([, value]) => !isNothing(value));
    if (members.length === 0) return null;
    return h("ul", {}, members.map(([name, value]) => h(
        "li", {}, h("span", {}, name.replaceAll("_", " ")), ": ", change(value))));
}

function change(value) {
    if (!isObject(value)) return text(value);
    if ("from" in value && "to" in value) {
        return value.from === null ? text(value.to) : [text(value.from), " → ", text(value.to)];
    }
    return Object.entries(value).filter(([, one]) => one !== 0)
        .map(([name, one], index) => [index > 0 && ", ", typeof one === "number" ? [String(one), ` ${name}`]
            : [name.replaceAll("_", " "), " ", text(one)]]);
}

function text(value) {
    if (value === null || value === "") return h("span", { class: "quiet" }, "none");
    if (value === true) return "yes";
    if (value === false) return "no";
    if (Array.isArray(value)) return value.length === 0 ? text(null) : named(value.join(", "));
    if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return at(value);
    return isObject(value) ? change(value) : named(String(value));
}

/// Counts that are all 0.
function isNothing(value) {
    return isObject(value) && Object.values(value).every((one) => one === 0) && !("from" in value);
}

function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
