/// Overview: what there is, how it is, and what somebody should look at.

import { get, may, serverNow } from "../lib/api.js";
import { fill, h, named } from "../lib/element.js";
import { keep } from "../lib/refresh.js";
import { state } from "../lib/state.js";
import { TrafficPanel } from "../lib/traffic-panel.js";
import { ago, count } from "../lib/words.js";

/// What is counted: the member of the summary, its name and page, and the words of its states.
const COUNTS = [
    ["tunnels", "Tunnels", "/wireguard", ["up", "down", "error"]],
    ["peers", "Peers", "/wireguard", ["online", "stale", "never", "disabled", "expired"]],
    ["associations", "IPsec associations", "/ipsec", ["up", "down", "error"]],
    ["rules", "Rules", "/rules", []],
];

/// The word that a kind of what needs attention is shown by, as states are.
const ATTENTION = {
    "tunnel-error": "error",
    "association-error": "error",
    "rule-not-loaded": "not loaded",
    "peer-expiring": "expires",
    "tunnel-stale": "stale",
};

/// What was done, in words that an object's type and name can follow. What the log has besides is no change.
const CHANGES = {
    create: "added", update: "changed", delete: "deleted", start: "started", stop: "stopped",
    rotate: "gave new keys to", import: "imported", restore: "restored a backup",
};
/// How many changes are shown, and among how many entries of the log they are looked for.
const [SHOWN, LOOKED_AT] = [5, 100];

export function show(view) {
    const beginning = new Beginning();
    const counts = new Counts();
    const traffic = new TrafficPanel(view, {
        words: (range) => `all tunnels, last ${range}`, since: "the tunnels were made", chosen: () => refresh(),
    });
    const attention = new List("Needs attention", "attention", attentionRow);
    const changes = may("admin") ? new List("Newest changes", "changes", changeRow) : null;
    // Seen when all of it was read, so that nothing moves what somebody has begun to read.
    const page = h(
        "div", { hidden: true, class: "overview" }, beginning.element, counts.element, attention.element,
        traffic.element, changes?.element);
    view.show("Overview", {}, page);
    const refresh = keep(view, async () => {
        const { signal } = view;
        const [summary, history, log] = await Promise.allSettled([
            get("/vpn/summary", { signal }),
            get("/vpn/history", { query: { range: traffic.range }, signal }),
            changes && get("/audit", { query: { limit: LOOKED_AT }, signal }),
        ]);
        if (summary.value) {
            const { data } = summary.value;
            beginning.show(data);
            counts.show(data);
            attention.show(
                data.attention, h("p", { class: "quiet" }, "Nothing needs attention."),
                data.attention_total > data.attention.length
                    && `and ${count(data.attention_total - data.attention.length, "thing")} more`);
        } else {
            counts.isOld();
        }
        if (history.value) traffic.show(history.value.data);
        if (log.value) {
            changes.show(
                log.value.data.filter(({ action }) => action in CHANGES).slice(0, SHOWN),
                h("p", { class: "quiet" }, "Nothing was changed of late."),
                h("a", { href: "/audit" }, "All of the log"));
        }
        if (summary.value || history.value || log.value) page.hidden = false;
        const failed = [summary, history, log].find(({ status }) => status === "rejected");
        if (failed) throw failed.reason;
    }, { every: 10_000 });
}

/// What to do first where there is nothing yet.
class Beginning {
    element = h("section", { class: "panel begin", hidden: true }, h("h2", {}, "Begin here"), this.#words());

    show(summary) {
        this.element.hidden = summary.tunnels.total > 0 || summary.associations.total > 0;
    }

    #words() {
        if (!may("vpn:write")) return h("p", {}, "There is no tunnel and no association yet.");
        return [
            h(
                "p", {}, "Add a tunnel, then a peer in it for each phone, laptop or site that is to connect: ",
                "the peer's configuration is made for you, as a file and as a QR code."),
            h(
                "div", { class: "actions" }, h("a", { class: "button", href: "/wireguard" }, "Add a WireGuard tunnel"),
                h("a", { class: "button", href: "/wireguard" }, "Import a wg-quick file"),
                h("a", { class: "button", href: "/ipsec" }, "Add an IPsec association")),
        ];
    }
}

/// How many there are of everything. The elements stay, so that a link keeps the focus.
class Counts {
    #cells = new Map();
    #age = h("p", { class: "warning", role: "status" });
    #readAt = null;
    element = h("section", { class: "counts", "aria-label": "Counts" });

    constructor() {
        fill(this.element, h("div", { class: "panels" }, COUNTS.map((one) => this.#panel(...one))), this.#age);
    }

    show(summary) {
        this.#readAt = new Date(serverNow()).toISOString();
        fill(this.#age);
        for (const [member, , , words] of COUNTS) {
            fill(this.#cells.get(member), summary[member].total.toLocaleString("en"));
            for (const word of words) {
                const cell = this.#cells.get(`${member} ${word}`);
                const number = summary[member][word];
                fill(cell, number.toLocaleString("en"));
                cell.parentElement.classList.toggle("none", number === 0);
            }
        }
    }

    /// What is shown was true, and is not known to be.
    isOld() {
        if (!this.#readAt || this.#age.childElementCount > 0) return;
        fill(this.#age, "These counts were read ", ago(this.#readAt), ".");
    }

    #panel(member, title, path, words) {
        const total = h("span", { class: "total" }, "–");
        this.#cells.set(member, total);
        return h(
            "div", { class: "panel", "data-count": member }, h("h2", {}, h("a", { href: path }, title)), total,
            words.length > 0 && h("ul", {}, words.map((word) => {
                const number = h("span", { class: "sum" }, "–");
                this.#cells.set(`${member} ${word}`, number);
                return h("li", { class: "none", "data-state": word }, state(word), " ", number);
            })));
    }
}

/// A list that is drawn anew only where something is different, and keeps the focus on what stays.
class List {
    #shown = null;
    #row;
    #body = h("div", {}, h("p", { class: "quiet" }, "Loading…"));
    #heading;

    constructor(title, name, row) {
        this.#row = row;
        this.#heading = h("h2", { tabindex: "-1" }, title);
        this.element = h("section", { class: `panel list ${name}` }, this.#heading, this.#body);
    }

    /// - `empty` is shown where there are no rows, `more` behind them.
    show(rows, empty, more = null) {
        const shown = JSON.stringify([rows, more?.textContent ?? more]);
        if (shown === this.#shown) return;
        this.#shown = shown;
        const active = document.activeElement;
        const focused = this.#body.contains(active) ? active.getAttribute("href") : null;
        fill(
            this.#body, rows.length > 0 ? h("ul", {}, rows.map((row) => h("li", {}, this.#row(row)))) : empty,
            more && h("p", { class: "more" }, more));
        if (focused === null) return;
        const link = [...this.#body.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused);
        (link ?? this.#heading).focus();
    }
}

function attentionRow({ kind, object, detail, at }) {
    return [
        state(ATTENTION[kind]), h("a", { href: place(object) }, named(object.name)),
        h("span", { class: "detail" }, words(kind, detail, at)),
    ];
}

function words(kind, detail, at) {
    if (kind === "peer-expiring") return ["it can't connect any more ", ago(at)];
    if (kind === "tunnel-stale") return [detail, "; the latest handshake was ", ago(at)];
    return detail;
}

/// Where something can be looked at.
function place(object) {
    switch (object.type) {
    case "tunnel": return `/wireguard/${object.id}`;
    case "peer": return `/wireguard/${object.tunnel_id}?q=${encodeURIComponent(object.name)}`;
    default: return `/ipsec?q=${encodeURIComponent(object.name)}`;
    }
}

function changeRow({ time, actor, action, object }) {
    return [
        ago(time), h(
            "span", { class: "detail" }, named(actor.name), ` ${CHANGES[action]}`,
            object && [` ${object.type} `, named(object.name)]),
    ];
}
