import { trafficGraph } from "./chart.js";
import { fill, h } from "./element.js";
import { bytes } from "./words.js";

const RANGES = [["hour", "Hour"], ["day", "Day"], ["month", "Month"]];

/// What was carried: a graph of the last hour, day or month, and the sum of all time. Which of them is kept in the
/// address.
///
/// `words(range)` name the graph, `since` is when the sum begins, in words; `chosen()` is called when another range is:
/// what it loads is shown by ``show(_:)``.
export class TrafficPanel {
    range;
    #figure = h("div", { class: "figure" });
    #sum = h("p", { class: "quiet" });
    #words;
    #since;
    #history = null;
    #width = 0;

    constructor(view, { words, since, chosen }) {
        this.range = RANGES.find(([name]) => name === view.query.get("range"))?.[0] ?? "hour";
        this.#words = words;
        this.#since = since;
        const choose = (name) => {
            this.range = name;
            view.remember({ range: name === "hour" ? null : name });
            chosen();
        };
        this.element = h(
            "section", { class: "panel carried", "aria-label": "Traffic" },
            h(
                "div", { class: "toolbar" }, h("h2", {}, "Traffic"),
                h(
                    "div", { class: "choice-of", role: "group", "aria-label": "How far back" },
                    RANGES.map(([name, label]) => h("label", {}, h("input", {
                        type: "radio", name: "range", value: name, checked: name === this.range,
                        onchange: () => choose(name),
                    }), h("span", {}, label))))),
            this.#figure, this.#sum);
        const observer = new ResizeObserver(() => this.#draw());
        observer.observe(this.#figure);
        view.signal.addEventListener("abort", () => observer.disconnect());
    }

    /// Shows a `TrafficHistory` of the API, unless another range was chosen meanwhile.
    show(history) {
        if (history.range !== this.range) return;
        this.#history = history;
        this.#width = 0;
        this.#draw();
        const { received, sent } = history.total;
        fill(this.#sum, `Since ${this.#since}: ${bytes(received)} in, ${bytes(sent)} out.`);
    }

    /// As wide as there is room, so that its words have the size of others.
    #draw() {
        const width = Math.floor(this.#figure.clientWidth);
        if (!this.#history || width === 0 || width === this.#width) return;
        this.#width = width;
        if (this.#history.received.every((slot) => slot === null)) {
            fill(this.#figure, h("p", { class: "quiet" }, "Nothing was observed in this time."));
            return;
        }
        fill(this.#figure, trafficGraph(
            this.#history, this.#words(this.range), { width: Math.max(width, 240), height: 180 }));
    }
}
