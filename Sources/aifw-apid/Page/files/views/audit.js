/// The audit log: who has done what, from where, and what was changed by it.

import { all, get, Problem } from "../lib/api.js";
import { fill, h, named } from "../lib/element.js";
import { keep } from "../lib/refresh.js";
import { admits } from "../lib/scopes.js";
import { at, count } from "../lib/words.js";
import { changesInWords } from "./audit-changes.js";

const ACTIONS = {
    create: "created", update: "changed", delete: "deleted", start: "started", stop: "stopped", rotate: "new key",
    reveal: "secret shown", login: "logged in", login_failed: "log-in refused", backup: "backup made",
    restore: "restored", import: "imported",
};
const ACTORS = { account: "host account", token: "token", user: "user", anyone: "unknown", system: "system" };
/// Of each type with a page: the list that says what is still there, and where the page of one is.
const PAGES = {
    tunnel: ["/vpn/wg", ({ id }) => `/wireguard/${id}`],
    association: ["/vpn/ipsec", ({ name }) => `/ipsec?q=${encodeURIComponent(name)}`],
    token: ["/tokens", ({ name }) => `/tokens?q=${encodeURIComponent(name)}`],
    user: ["/users", ({ name }) => `/users?q=${encodeURIComponent(name)}`],
};
const PAGE_LENGTH = 100;
/// So many lines are kept at the most where nobody has gone down to the older ones.
const MOST = 1000;
/// After these there are other objects than before.
const APPEARING = ["create", "delete", "import", "restore"];

export function show(view) {
    if (admits(view, "Audit")) new Log(view).show();
}

/// What is seen of the log: its newest lines, as many as were asked for, and those that have come since.
class Log {
    #view;
    #filter;
    #entries = [];
    #cursor = null;
    #isFirst = true;
    #lines = new Map();
    /// Ids of what is still there, by type; null: not known yet.
    #present = null;
    #body = h("tbody", { role: "rowgroup" });
    #note = h("div", { class: "empty" }, h("p", {}, "Loading…"));
    #sum = h("span", { class: "sum" });
    #news = h("button", { type: "button", class: "news", hidden: true, onclick: () => this.#goToTop() });
    #older = h("button", { type: "button", hidden: true, onclick: () => this.#loadOlder() }, "Older");
    #only = h("span", { class: "only" });
    #table;
    #refresh;

    constructor(view) {
        this.#view = view;
        const query = view.query;
        this.#filter = Object.fromEntries(["q", "action", "object"].map((name) => [name, query.get(name) ?? ""]));
        const heads = ["Time", "Who", "Action", "Object", "Changes"];
        this.#table = h(
            "table", { role: "table", "aria-label": "Audit log", class: "log", hidden: true },
            h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(
                (head) => h("th", { scope: "col", role: "columnheader" }, head)))),
            this.#body);
    }

    show() {
        let timer = null;
        const search = h("input", {
            type: "search", class: "search", "aria-label": "Search names", placeholder: "Search names",
            value: this.#filter.q,
            oninput: () => {
                clearTimeout(timer);
                timer = setTimeout(() => this.#cut({ q: search.value.trim() }), 300);
            },
        });
        const actions = [["", "All actions"], ...Object.entries(ACTIONS)];
        const action = h(
            "select", { "aria-label": "Action", class: "short", onchange: () => this.#cut({ action: action.value }) },
            actions.map(([value, words]) => h("option", { value, selected: value === this.#filter.action }, words)));
        this.#showOnly();
        this.#view.show(
            "Audit", {},
            h("div", { class: "toolbar" }, search, action, this.#only, this.#sum), this.#news,
            h("div", { class: "table" }, this.#table, this.#note), h("div", { class: "older" }, this.#older));
        // Log-ins, reveals and backups are no events: they are asked for.
        this.#refresh = keep(this.#view, () => this.#load(), { on: ["change", "reset"], every: 10_000 });
        addEventListener("scroll", () => { if (scrollY < 8) this.#news.hidden = true; }, { signal: this.#view.signal });
    }

    /// Shows another cut of the log.
    async #cut(change) {
        this.#filter = { ...this.#filter, ...change };
        this.#view.remember(this.#filter);
        this.#showOnly();
        this.#isFirst = true;
        await this.#refresh();
    }

    #showOnly() {
        const isCut = this.#filter.object !== "";
        const button = isCut && h(
            "button", { type: "button", onclick: () => this.#cut({ object: "" }) }, "Show all objects");
        fill(this.#only, isCut && "One object only. ", button);
    }

    async #load() {
        const filter = this.#filter;
        const { json } = await get("/audit", { query: { ...filter, limit: PAGE_LENGTH }, signal: this.#view.signal });
        if (filter !== this.#filter) return;
        const last = this.#entries[0]?.revision ?? 0;
        const added = json.data.filter((entry) => entry.revision > last);
        if (this.#present === null || added.some((entry) => APPEARING.includes(entry.action))) await this.#look();
        if (filter !== this.#filter) return;
        // More than a page has come since: what is between would be missing.
        const isGap = added.length === json.data.length && json.next_cursor;
        const isLong = scrollY < 8 && this.#entries.length > MOST;
        if (this.#isFirst || isGap || isLong) {
            this.#entries = json.data;
            this.#cursor = json.next_cursor ?? null;
            this.#view.fault(null, null, "older");
        } else {
            this.#entries = [...added, ...this.#entries];
        }
        fill(this.#sum, count(json.total, "entry", "entries"));
        this.#draw(!this.#isFirst && added.length);
        this.#isFirst = false;
    }

    async #loadOlder() {
        if (this.#older.getAttribute("aria-disabled")) return;
        this.#older.setAttribute("aria-disabled", "true");
        this.#view.fault(null, null, "older");
        const [filter, cursor] = [this.#filter, this.#cursor];
        try {
            const query = { ...filter, limit: PAGE_LENGTH, cursor };
            const { json } = await get("/audit", { query, signal: this.#view.signal });
            // Meanwhile the list may have begun anew: what was asked for does not follow upon it.
            if (filter !== this.#filter || cursor !== this.#cursor) return;
            this.#cursor = json.next_cursor ?? null;
            const first = json.data[0];
            this.#entries.push(...json.data);
            this.#draw(0);
            if (!this.#cursor && first) this.#lines.get(first.revision).focus({ preventScroll: true });
        } catch (error) {
            if (this.#view.signal.aborted) return;
            if (!(error instanceof Problem)) throw error;
            this.#view.fault(error, () => this.#loadOlder(), "older");
        } finally {
            this.#older.removeAttribute("aria-disabled");
        }
    }

    /// Finds out what of the objects is still there.
    async #look() {
        const lists = Object.entries(PAGES).map(async ([type, [path]]) => {
            const rows = await all(path, { signal: this.#view.signal });
            return [type, new Set(rows.map((row) => row.id))];
        });
        this.#present = Object.fromEntries(await Promise.all(lists));
        for (const [revision, line] of this.#lines) {
            const entry = this.#entries.find((one) => one.revision === revision);
            if (entry?.object) fill(line.cells[3], this.#object(entry.object));
        }
    }

    /// Draws what is not drawn yet. What is read stays where it is, unless that is the top: there, new lines are seen.
    #draw(added) {
        const isAtTop = scrollY < 8;
        const anchor = [...this.#body.rows].find((row) => row.getBoundingClientRect().bottom > 0);
        const before = anchor?.getBoundingClientRect().top;
        const lines = this.#entries.map((entry) => {
            if (!this.#lines.has(entry.revision)) this.#lines.set(entry.revision, this.#line(entry));
            return this.#lines.get(entry.revision);
        });
        const kept = new Set(lines);
        for (const [revision, line] of this.#lines) {
            if (kept.has(line)) continue;
            line.remove();
            this.#lines.delete(revision);
        }
        let next = this.#body.firstElementChild;
        for (const line of lines) {
            if (line === next) next = next.nextElementSibling;
            else this.#body.insertBefore(line, next);
        }
        this.#table.hidden = lines.length === 0;
        const isCut = Object.values(this.#filter).some(Boolean);
        fill(this.#note, lines.length === 0 && h("p", {}, isCut ? "Nothing in the log fits." : "The log is empty."));
        this.#older.hidden = this.#cursor === null;
        if (!added || isAtTop) return;
        if (anchor?.isConnected) scrollBy(0, anchor.getBoundingClientRect().top - before);
        const isMore = !this.#news.hidden;
        const total = added + (isMore ? Number(this.#news.dataset.count) : 0);
        this.#news.dataset.count = total;
        fill(this.#news, `${count(total, "new entry", "new entries")} above`);
        this.#news.hidden = false;
    }

    #goToTop() {
        scrollTo(0, 0);
        this.#news.hidden = true;
        this.#view.heading.focus({ preventScroll: true });
    }

    #line(entry) {
        const cell = (name, ...children) => h("td", { role: "cell", class: name }, children);
        return h(
            "tr", { role: "row", tabindex: "-1" },
            cell("when", at(entry.time)),
            cell(
                "actor", h("small", {}, ACTORS[entry.actor.kind], " "), named(entry.actor.name),
                h("small", {}, " from ", entry.origin)),
            cell(entry.action === "login_failed" ? "what warning" : "what", ACTIONS[entry.action]),
            cell("object", entry.object && this.#object(entry.object)),
            cell("changes", changesInWords(entry.changes)));
    }

    /// What it was done to, as it was called then.
    #object(object) {
        const page = this.#present?.[object.type]?.has(object.id) && PAGES[object.type][1](object);
        return [
            h("small", {}, object.type, " "),
            page ? h("a", { href: page }, named(object.name)) : named(object.name),
            h("button", {
                type: "button", class: "plain", "aria-label": `Only ${object.type} ${object.name}`,
                onclick: () => this.#cut({ object: object.id }),
            }, "only this"),
        ];
    }
}
