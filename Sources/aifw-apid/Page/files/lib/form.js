/// Forms made of values: each field with its label, what it is for, and what is wrong with it.

import { fill, h } from "./element.js";
import { Problem } from "./api.js";
import { Field } from "./field.js";

/// How many faults that belong to no field are told.
const MOST_FAULTS = 50;
/// Answers that leave open whether it was done, or say that it was: asked again it must have the same key.
const UNSETTLED = [
    "offline", "unknown", "idempotency-in-progress", "idempotency-secret-not-repeated", "idempotency-answer-lost",
];

export class Form {
    #fields;
    #save;
    #problem = h("div", { role: "alert" });
    #button;
    #words;
    #key = null;
    /// What was sent last.
    #sent = null;
    #isBusy = false;

    /// `fields`: what ``Field`` takes each; those with `advanced: true` are folded away under `more`. `save(values,
    /// form)` gets `{name: value}` (``Field/value``) and throws a `Problem`; what it names a fault of is shown at that
    /// field, the rest above the button. `cancel` adds a button that calls it, with `cancelWords` on it.
    constructor({ fields, submit, save, cancel = null, cancelWords = "Cancel", more = "More settings", foot = null }) {
        this.#fields = fields.map((field) => new Field(field));
        this.#save = save;
        this.#words = submit;
        this.#button = h("button", { type: "submit", class: "primary" }, submit);
        const plain = this.#fields.filter((field) => !field.advanced);
        const advanced = this.#fields.filter((field) => field.advanced);
        this.element = h(
            "form", { novalidate: true, autocomplete: "off", onsubmit: (event) => this.#submit(event) },
            plain.map((field) => field.element),
            advanced.length > 0 && h(
                "details", { class: "more" }, h("summary", {}, more), advanced.map((field) => field.element)),
            foot, this.#problem,
            h(
                "div", { class: "actions" },
                cancel && h("button", { type: "button", onclick: cancel }, cancelWords), this.#button));
    }

    field(name) {
        return this.#fields.find((field) => field.name === name);
    }

    get values() {
        return Object.fromEntries(this.#fields.map((field) => [field.name, field.value]));
    }

    /// What differs from what the form began with, for PATCH.
    get changes() {
        return Object.fromEntries(
            this.#fields.filter((field) => field.isChanged).map((field) => [field.name, field.value]));
    }

    get isDirty() {
        return this.#fields.some((field) => field.isChanged);
    }

    /// What names this attempt to the API (`Idempotency-Key`): the same until there is an answer that settles it or
    /// something else is sent, so that a request whose answer was lost is not carried out twice.
    get key() {
        this.#key ??= crypto.randomUUID();
        return this.#key;
    }

    /// Shows what is wrong; the first field with a fault gets the focus.
    show(problem) {
        const rest = [];
        for (const { field: path, detail } of problem.errors) {
            const field = this.#fields.find((one) => one.answersTo(path));
            if (field) field.addFault(detail);
            else rest.push(path ? `${path}: ${detail}` : detail);
        }
        const first = this.#fields.find((field) => field.hasFault);
        // Of what the kernel or the helper said, the fault at the field is a part only.
        if (rest.length > 0 || !first || problem.status >= 500) {
            const more = rest.length - MOST_FAULTS;
            const words = rest.length === 0 ? [detail(problem)] : rest.slice(0, MOST_FAULTS);
            if (more > 0) words.push(`and ${more} more`);
            fill(this.#problem, words.map((one) => h("p", { class: "problem" }, one)));
        }
        for (const field of this.#fields) {
            const folded = field.hasFault && field.element.closest("details");
            if (folded) folded.open = true;
        }
        first?.focus();
    }

    clear() {
        fill(this.#problem);
        for (const field of this.#fields) field.clearFaults();
    }

    async #submit(event) {
        event.preventDefault();
        // A double click sends nothing twice.
        if (this.#isBusy) return;
        this.clear();
        this.#setBusy(true);
        try {
            const values = this.values;
            const sent = JSON.stringify(values);
            if (sent !== this.#sent) this.#key = null;
            this.#sent = sent;
            await this.#save(values, this);
            this.#key = null;
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            if (!UNSETTLED.includes(error.code)) this.#key = null;
            this.show(error);
        } finally {
            this.#setBusy(false);
        }
    }

    #setBusy(isBusy) {
        this.#isBusy = isBusy;
        // Not `disabled`: the focus would be lost.
        if (isBusy) this.#button.setAttribute("aria-disabled", "true");
        else this.#button.removeAttribute("aria-disabled");
        fill(this.#button, isBusy ? "Working…" : this.#words);
        this.element.setAttribute("aria-busy", String(isBusy));
    }
}

/// A form was opened on what has another version now.
function detail(problem) {
    if (problem.status !== 412) return problem.detail;
    return "This was changed by somebody else after you had opened the form. Open it again to see what it is now.";
}
