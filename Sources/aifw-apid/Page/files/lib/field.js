import { fill, h, uniqueID } from "./element.js";

/// One field of a form.
///
/// `type`: `text`, `password`, `number`, `textarea`, `select` (with `options`: `[[value, label]]`), `checkbox`,
/// `choices` (boxes of which some are chosen, with `options`: `[[value, label, hint]]`), `time` (a local date and
/// time), `file`, `files`. `value` is what it begins with. `name` is the API's; `also` lists other names of members
/// whose faults belong here. `attributes` go to the control.
export class Field {
    #control;
    #faults;
    #type;
    #also;
    #isRequired;
    #first;

    constructor({
        name, label, type = "text", value = "", hint = null, required = false, advanced = false, options = [],
        also = [], attributes = {},
    }) {
        this.name = name;
        this.advanced = advanced;
        this.#type = type;
        this.#also = also;
        this.#isRequired = required;
        const id = uniqueID(`field-${name}`);
        this.#faults = h("div", { class: "fault", id: `${id}-fault` });
        const described = hint ? `${id}-hint ${id}-fault` : `${id}-fault`;
        const all = { id, name, "aria-describedby": described, "aria-required": required && "true", ...attributes };
        this.#control = control(type, all, value, options);
        const words = [label, !required && !["checkbox", "choices"].includes(type) && h("small", {}, " optional")];
        const note = hint && h("div", { class: "hint", id: `${id}-hint` }, hint);
        this.element = layout(type, id, this.#control, words, note, this.#faults);
        this.#first = JSON.stringify(this.value);
    }

    get control() {
        return this.#control;
    }

    /// A number where one was typed into a `number`, true or false of a `checkbox`, a list of `choices`, an RFC 3339
    /// time in UTC of a `time`, a `File` of a `file`, a list of them of `files`; else the text. Nothing is null, and ""
    /// where something is required: the API says then what is missing.
    get value() {
        const element = this.#control;
        switch (this.#type) {
        case "checkbox":
            return element.checked;
        case "choices":
            return [...element.querySelectorAll("input:checked")].map((box) => box.value);
        case "file":
            return element.files[0] ?? null;
        case "files":
            return [...element.files];
        case "number":
            if (element.value.trim() === "") return null;
            return /^-?[0-9]{1,15}$/.test(element.value.trim()) ? Number(element.value) : element.value;
        case "time":
            // A date without its time is not nothing.
            if (element.validity.badInput) return "half a date";
            if (element.value === "") return null;
            return utcTime(element.value);
        case "select":
        case "password":
            return element.value;
        default:
            return element.value.trim() === "" && !this.#isRequired ? null : element.value;
        }
    }

    set value(value) {
        if (this.#type === "checkbox") this.#control.checked = value;
        else if (this.#type === "time") this.#control.value = value ? localTime(value) : "";
        else this.#control.value = value ?? "";
    }

    /// Takes what it has now for what it began with.
    settle() {
        this.#first = JSON.stringify(this.value);
    }

    get isChanged() {
        if (this.#type === "file" || this.#type === "files") return this.#control.files.length > 0;
        return JSON.stringify(this.value) !== this.#first;
    }

    get hasFault() {
        return this.#faults.childElementCount > 0;
    }

    /// Whether a fault at `path` ("allowed_ips[0]") is this field's.
    answersTo(path) {
        const name = path.split(/[.[]/)[0];
        return name === this.name || this.#also.includes(name);
    }

    addFault(text) {
        this.#faults.append(h("p", {}, text));
        this.#focusable.setAttribute("aria-invalid", "true");
        this.#focusable.setAttribute("aria-errormessage", this.#faults.id);
    }

    clearFaults() {
        fill(this.#faults);
        this.#focusable.removeAttribute("aria-invalid");
        this.#focusable.removeAttribute("aria-errormessage");
    }

    focus() {
        this.#focusable.focus();
    }

    get #focusable() {
        return this.#type === "choices" ? this.#control.querySelector("input") : this.#control;
    }
}

function control(type, attributes, value, options) {
    switch (type) {
    case "textarea":
        return h("textarea", { rows: 6, spellcheck: "false", ...attributes, value });
    case "select":
        return h(
            "select", attributes,
            options.map(([one, label]) => h("option", { value: one, selected: one === value }, label)));
    case "checkbox":
        return h("input", { type, ...attributes, checked: Boolean(value) });
    case "choices":
        return h(
            "div", { class: "choices" },
            options.map(([one, label, note]) => h(
                "label", { class: "choice" },
                h("input", {
                    type: "checkbox", name: attributes.name, value: one, checked: (value || []).includes(one),
                    "aria-describedby": attributes["aria-describedby"],
                }),
                h("span", {}, label, note && h("small", {}, note)))));
    case "time":
        // Without `max` a year may have six digits.
        return h("input", {
            type: "datetime-local", step: 1, max: "9999-12-31T23:59:59", ...attributes,
            value: value ? localTime(value) : "",
        });
    case "file":
        return h("input", { type, ...attributes });
    case "files":
        return h("input", { type: "file", multiple: true, ...attributes });
    case "number":
        return h("input", { type: "text", inputmode: "numeric", ...attributes, value: value ?? "" });
    default:
        return h("input", { type, spellcheck: "false", ...attributes, value: value ?? "" });
    }
}

function layout(type, id, element, words, note, faults) {
    if (type === "checkbox") {
        return h("div", { class: "field checkbox" }, element, h("label", { for: id }, words), note, faults);
    }
    if (type === "choices") {
        return h("fieldset", { class: "field" }, h("legend", {}, words), note, element, faults);
    }
    return h("div", { class: "field" }, h("label", { for: id }, words), element, note, faults);
}

/// What `datetime-local` has, as the API writes times; what is none there goes to the API as it is, which says so.
function utcTime(local) {
    const date = new Date(local);
    return Number.isNaN(date.getTime()) ? local : date.toISOString().replace(/\.\d+Z$/, "Z");
}

/// A time of the API as `datetime-local` has it.
function localTime(time) {
    const date = new Date(time);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}
