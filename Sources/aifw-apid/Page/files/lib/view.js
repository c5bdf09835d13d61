import { fill, h } from "./element.js";

/// What a page of the site draws into, and what ends with it.
export class View {
    #end = new AbortController();
    #fault = h("div", { class: "view-fault", role: "alert" });
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

    /// Says what could not be read, with a button to `retry`; null takes it back.
    fault(problem, retry = null) {
        if (!problem) {
            if (this.#fault.childElementCount > 0) fill(this.#fault);
            return;
        }
        fill(
            this.#fault, h("p", { class: "problem" }, problem.detail),
            retry && h("button", { type: "button", onclick: retry }, "Try again"));
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
