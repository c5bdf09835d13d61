/// Traffic as a line, for one glance. What matters is said in words too.

import { h, svg } from "./element.js";
import { moment, rate } from "./words.js";

/// A small line of `received` and `sent` rates (bytes a second, oldest first; null where nothing is known).
export function sparkline(received, sent, { width = 96, height = 24 } = {}) {
    const peak = Math.max(1, ...received.map(Number), ...sent.map(Number));
    const now = (values) => rate(values.at(-1) ?? 0);
    return svg(
        "svg", {
            class: "sparkline", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
            "aria-label": `now ${now(received)} in, ${now(sent)} out`,
        },
        svg("path", { class: "received", d: path(received, peak, width, height, 1) }),
        svg("path", { class: "sent", d: path(sent, peak, width, height, 1) }));
}

/// A graph of a `TrafficHistory` of the API, with its scales; `label` is its name.
export function trafficGraph(history, label, { width = 720, height = 180 } = {}) {
    const perSecond = (slots) => slots.map((value) => (value === null ? null : value / history.step));
    // The last slot is under way: it would show as a fall.
    const received = perSecond(history.received).slice(0, -1);
    const sent = perSecond(history.sent).slice(0, -1);
    const peak = Math.max(1, ...received.map(Number), ...sent.map(Number));
    const [left, bottom] = [64, 22];
    const [wide, high] = [width - left, height - bottom - 8];
    const lines = [0, 0.5, 1].map((share) => {
        const y = 8 + high * (1 - share);
        return [
            svg("line", { class: "grid", x1: left, x2: width, y1: y, y2: y }),
            svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, rate(peak * share)),
        ];
    });
    const times = [[left, "start", history.from], [width, "end", history.to]].map(([x, anchor, time]) => svg(
        "text", { x, y: height - 4, "text-anchor": anchor }, moment(time).slice(0, 16)));
    const most = (values) => rate(Math.max(0, ...values.map(Number)));
    return h(
        "figure", { class: "graph" },
        svg(
            "svg", {
                viewBox: `0 0 ${width} ${height}`, role: "img",
                "aria-label": `${label}: at most ${most(received)} in and ${most(sent)} out`,
            },
            lines, times,
            svg(
                "g", { transform: `translate(${left} 8)` },
                svg("path", { class: "received", d: path(received, peak, wide, high, 0) }),
                svg("path", { class: "sent", d: path(sent, peak, wide, high, 0) }))),
        h(
            "figcaption", {},
            h("span", { class: "key received" }, "in"), h("span", { class: "key sent" }, "out"), ` ${label}`));
}

/// A line through `values`, broken where one is null.
function path(values, peak, width, height, margin) {
    const step = width / Math.max(1, values.length - 1);
    let isDown = false;
    let text = "";
    values.forEach((value, index) => {
        if (value === null) {
            isDown = false;
            return;
        }
        const x = (index * step).toFixed(1);
        const y = (height - margin - (height - 2 * margin) * (value / peak)).toFixed(1);
        text += `${isDown ? "L" : "M"}${x} ${y}`;
        isDown = true;
    });
    return text;
}
