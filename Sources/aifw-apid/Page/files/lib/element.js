/// Elements from values. Text goes in as text only: no string is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/// An HTML element. `attributes`: `onclick` and its like are listeners, true and false set and leave out, null and
/// undefined are left out, `value`, `checked`, `indeterminate` and `disabled` are set as properties. `children`: nodes,
/// texts, lists of them; null, undefined and false are left out.
export function h(tag, attributes = {}, ...children) {
    return furnish(document.createElement(tag), attributes, children);
}

/// The same for SVG.
export function svg(tag, attributes = {}, ...children) {
    return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === "function") {
            element.addEventListener(name.slice(2), value);
        } else if (["value", "checked", "indeterminate", "disabled"].includes(name)) {
            element[name] = value;
        } else {
            element.setAttribute(name, value === true ? "" : value);
        }
    }
    element.append(...nodes(children));
    return element;
}

function nodes(children) {
    return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/// Puts `children` in the place of what `element` has, and returns it.
export function fill(element, ...children) {
    element.replaceChildren(...nodes(children));
    return element;
}

/// A name that somebody chose: its direction has no effect on the text around it.
export function named(text, attributes = {}) {
    return h("bdi", { class: "name", ...attributes }, text);
}

let last = 0;

/// An id that no other element of this page has.
export function uniqueID(prefix) {
    last += 1;
    return `${prefix}-${last}`;
}
