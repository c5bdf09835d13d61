import { fill, h } from "./element.js";

/// What a page of the site draws into, and what ends with it.
export class View {
    #end = new AbortController();
    #fault = h("div", { class: "view-fault", role: "alert" });
    /// What each reader could not read: its words, and how it is tried again.
    #faults = new Map();
    #said = "";
    #main;

    /// The path's named parts and its query.
    constructor(main, parameters) {
        this.#main = main;
        this.parameters = parameters;
        this.query = new URLSearchParams(location.search);
    }

    /// Aborted when the page is left: requests, listeners and timers take it.
    get signal() {
        return this.#end.signal;
    }

    /// Shows the page: its heading, which gets the focus, what stands beside it, and `content`.
    show(title, { actions = [], lead = null } = {}, ...content) {
        document.title = `${title} · AiFw VPN`;
        this.heading = h("h1", { tabindex: "-1" }, title);
        fill(
            this.#main,
            h("div", { class: "top" }, this.heading, lead, h("div", { class: "actions" }, actions)),
            this.#fault, content);
        this.heading.focus({ preventScroll: true });
    }

    /// Says what `who` could not read, with a button to `retry`; null takes it back, and nothing that others say. What
    /// several say in the same words is said once.
    fault(problem, retry = null, who = null) {
        if (problem) this.#faults.set(who, { words: problem.detail, retry });
        else this.#faults.delete(who);
        const faults = [...this.#faults.values()];
        const words = [...new Set(faults.map((one) => one.words))];
        // What is said already is neither read out again nor takes the focus from its button.
        if (words.join("\n") === this.#said) return;
        this.#said = words.join("\n");
        fill(
            this.#fault, words.length > 0 && h("div", {}, words.map((one) => h("p", { class: "problem" }, one))),
            faults.some((one) => one.retry) && h(
                "button", { type: "button", onclick: () => this.#retry() }, "Try again"));
    }

    #retry() {
        for (const { retry } of [...this.#faults.values()]) retry?.();
    }

    /// Keeps `values` in the address, so that the page comes back as it was left; null and "" are left out.
    remember(values) {
        // The address is another page's by now.
        if (this.signal.aborted) return;
        const address = new URL(location);
        for (const [name, value] of Object.entries(values)) {
            if (value) address.searchParams.set(name, value);
            else address.searchParams.delete(name);
        }
        history.replaceState(history.state, "", address);
    }

    end() {
        this.#end.abort();
    }
}
