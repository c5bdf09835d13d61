import { get } from "../lib/api.js";
import { trafficGraph } from "../lib/chart.js";
import { fill, h } from "../lib/element.js";
import { keep } from "../lib/refresh.js";
import { bytes } from "../lib/words.js";

const RANGES = [
    ["hour", "Hour", "the last hour"], ["day", "Day", "the last day"], ["month", "Month", "the last month"],
];
/// The last hour is counted in slots of so many milliseconds.
const PERIOD = 10_000;

/// What a tunnel has carried: a graph of the last hour, day or month.
export class TunnelTraffic {
    #view;
    #path;
    #range;
    #history = null;
    #refresh = null;
    #buttons;
    #graph = h("div", { class: "place" });
    #total = h("span", { class: "sum" });

    constructor(view, path) {
        this.#view = view;
        this.#path = path;
        this.#range = RANGES.find(([name]) => name === view.query.get("range")) ?? RANGES[0];
        this.#buttons = RANGES.map((range) => h("button", {
            type: "button", "aria-pressed": String(range === this.#range), onclick: () => this.#choose(range),
        }, range[1]));
        this.element = h(
            "section", { class: "panel carried", "aria-labelledby": "carried" },
            h(
                "div", { class: "toolbar" }, h("h2", { id: "carried" }, "Traffic"), this.#total,
                h("div", { class: "range-of", role: "group", "aria-label": "Traffic of the last" }, this.#buttons)),
            this.#graph);
        const observer = new ResizeObserver(() => this.#draw());
        observer.observe(this.#graph);
        view.signal.addEventListener("abort", () => observer.disconnect());
    }

    /// The tunnel is there: from now on, the graph is kept true.
    begin() {
        this.#refresh ??= keep(this.#view, async () => {
            const [range] = this.#range;
            const { data } = await get(`${this.#path}/history`, { query: { range }, signal: this.#view.signal });
            this.#history = data;
            this.#draw();
        }, { on: ["reset"], every: PERIOD });
    }

    #choose(range) {
        this.#range = range;
        this.#view.remember({ range: range === RANGES[0] ? null : range[0] });
        this.#buttons.forEach((button, index) => {
            button.setAttribute("aria-pressed", String(RANGES[index] === range));
        });
        this.#refresh?.();
    }

    #draw() {
        const width = Math.floor(this.#graph.clientWidth);
        if (!this.#history || width === 0) return;
        const [, , words] = RANGES.find(([name]) => name === this.#history.range);
        fill(this.#graph, trafficGraph(this.#history, words, { width, height: 180 }));
        const { received, sent } = this.#history.total;
        fill(this.#total, `${bytes(received)} in and ${bytes(sent)} out since it was made`);
    }
}
