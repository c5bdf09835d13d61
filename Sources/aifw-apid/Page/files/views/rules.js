/// Rules: what the packet filter lets through for tunnels and associations, and in which words.

import { all, get } from "../lib/api.js";
import { copyButton, saveFile } from "../lib/clipboard.js";
import { fill, h, named } from "../lib/element.js";
import { keep } from "../lib/refresh.js";
import { state } from "../lib/state.js";
import { searchField, Table } from "../lib/table.js";
import { Tabs } from "../lib/tabs.js";
import { count } from "../lib/words.js";

const KINDS = {
    "listen-port": "Tunnel's port",
    "tunnel-traffic": "Tunnel's traffic",
    "protected-packets": "IPsec packets",
    "key-exchange": "Key exchange",
    "inner-traffic": "Protected traffic",
    masquerade: "Masquerade",
};

/// The packet filters: as `filter` and `format` of the API name them, in words, and how a file of their rules is
/// called.
const FILTERS = [
    { filter: "nftables", format: "nft", words: "nftables", file: "aifw-vpn.nft" },
    { filter: "pf", format: "pf", words: "pf", file: "aifw-vpn.pf.conf" },
];

export function show(view) {
    const table = new Table(view, {
        label: "Rules",
        sort: "object",
        query: view.query.get("q") ?? "",
        key: (rule) => JSON.stringify({ ...rule, loaded: null }),
        columns: [
            {
                name: "kind", label: "Rule", class: "wide-only", cell: (rule) => KINDS[rule.kind],
                sort: (rule) => KINDS[rule.kind],
            },
            {
                name: "opens", label: "Lets through", cell: (rule) => h("span", { title: opens(rule) }, opens(rule)),
                sort: opens,
            },
            {
                name: "object", label: "For", class: "whose", cell: (rule) => owner(rule.object),
                sort: (rule) => `${rule.object.name} ${rule.object.id}`,
            },
            {
                name: "loaded", label: "State", class: "rule-state", sort: (rule) => Number(rule.loaded),
                cell: (rule) => state(rule.loaded ? "loaded" : "not loaded"),
            },
        ],
        empty: h(
            "p", {}, "There are no rules, as no tunnel is started and no association is enabled. ",
            "Each brings its own when it is, and takes them away when it stops."),
        matches: (rule, words) => [rule.object.name, opens(rule), KINDS[rule.kind]].some(
            (text) => text.toLowerCase().includes(words)),
    });
    // A line from the beginning, so that nothing moves when it is known.
    const filterWords = h("p", { class: "quiet filter" }, "Reading the packet filter…");
    const warnings = h("div", { role: "status" });
    const texts = new Map(FILTERS.map((one) => [one.format, new RuleText(one)]));
    const tabs = new Tabs({
        label: "The rules as text",
        chosen: view.query.get("text") ?? "nft",
        onChange: (text) => view.remember({ text }),
        tabs: FILTERS.map(({ format, words }) => ({ name: format, label: words, content: texts.get(format).element })),
    });
    view.show(
        "Rules", {}, filterWords, warnings,
        h("div", { class: "toolbar" }, searchField(table, "Search rules")), table.element,
        h("section", { class: "rule-texts" }, h("h2", {}, "As text"), tabs.element));
    keep(view, async () => {
        let first = null;
        const signal = view.signal;
        const [rules, ...read] = await Promise.all([
            all("/vpn/rules", { signal, seen: (_rows, _total, json) => { first ??= json; } }),
            ...FILTERS.map(({ format }) => get("/vpn/rules", {
                query: { format }, accept: "text/plain", as: "text", signal,
            })),
        ]);
        table.show(rules);
        fill(filterWords, ofFilter(first.filter, rules));
        const told = (first.warnings ?? []).map((text) => h("p", { class: "warning" }, text));
        if (told.length > 0 || warnings.childElementCount > 0) fill(warnings, told);
        FILTERS.forEach(({ filter, format, words }, index) => {
            const isHere = filter === first.filter;
            fill(tabs.button(format), words, isHere && " (this host)");
            texts.get(format).show(read[index].data, isHere);
        });
    }, { concerns: (_, event) => ["tunnel", "association"].includes(event.object?.type), every: 10_000 });
}

/// What filters packets here, and how it stands.
function ofFilter(filter, rules) {
    if (filter === "none") return "This host has no packet filter: nothing is loaded, and nothing is held back.";
    const missing = rules.filter((rule) => !rule.loaded).length;
    const place = filter === "pf"
        ? ["pf, in the anchor ", h("code", {}, "aifw-vpn")]
        : ["nftables, in the table ", h("code", {}, "inet aifw")];
    return [
        "This host's packet filter is ", place, ". ",
        missing > 0 ? `${count(missing, "rule")} of ${rules.length} not loaded; it is being put right.`
            : rules.length > 0 && "All of these rules are loaded.",
    ];
}

/// What a rule lets through, in words.
function opens(rule) {
    switch (rule.kind) {
    case "listen-port": return `UDP port ${rule.port}${rule.interface ? ` on ${rule.interface}` : ""}`;
    case "tunnel-traffic": return `all traffic on ${rule.interface}`;
    case "protected-packets": return `${rule.protocol.toUpperCase()} between ${rule.local} and ${rule.remote}`;
    case "key-exchange": return `UDP ports 500 and 4500 between ${rule.local} and ${rule.remote}`;
    case "inner-traffic": return `what is protected between ${rule.local} and ${rule.remote}`;
    case "masquerade": return `${rule.network} from ${rule.interface} leaves with this host's address`;
    default: return rule.kind;
    }
}

function owner(object) {
    const path = object.type === "tunnel" ? `/wireguard/${object.id}` : `/ipsec?q=${encodeURIComponent(object.name)}`;
    return h("a", { href: path, title: object.name }, named(object.name));
}

/// All rules in the words of one packet filter, to be copied and saved.
class RuleText {
    #text = "";
    #note = h("p", { class: "quiet" });
    #body;

    constructor({ words, file }) {
        this.#body = h("pre", { tabindex: "0", "aria-label": `The rules for ${words}` }, "Loading…");
        this.element = [
            h("div", { class: "toolbar" }, this.#note, h(
                "div", { class: "actions" },
                copyButton(() => this.#text),
                h("button", {
                    type: "button", onclick: () => saveFile(new Blob([this.#text], { type: "text/plain" }), file),
                }, "Download"))),
            this.#body,
        ];
    }

    show(text, isHere) {
        fill(this.#note, isHere
            ? "For the packet filter of this host." : "As this packet filter would take it; not loaded here.");
        if (text === this.#text && this.#body.textContent === text) return;
        this.#text = text;
        fill(this.#body, text);
    }
}
