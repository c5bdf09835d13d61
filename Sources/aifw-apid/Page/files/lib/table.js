import { fill, h } from "./element.js";

/// Rows that are drawn beside what is seen, above and below.
const SPARE = 12;

/// A table of any length: only the rows that are seen are in the document, so that 10,000 scroll as ten do.
///
/// `label` is its name. `key(row)` tells rows apart. `columns`: `{name, label, cell(row), sort(row), class, fixed,
/// renew, hidden}`: `cell` returns nodes or a text; `sort` a number or a text to order by (no `sort`: no button);
/// `fixed` cells are made once for a row and not again, for buttons that must keep the focus: their handlers ask
/// ``row(_:)`` for the row as it is now, and `renew(cell, row)` sets what else may have changed; a `hidden` label is
/// read out only. `empty` is shown when there are no rows at all. `matches(row, words)` decides what a search finds.
/// `onChange` is called when another order or search was chosen. Every row has the height that the style sheet says
/// (`--row`), so that where a row is needs no measuring.
///
/// New data moves nothing from under the eyes: what is the same is not drawn again, rows that come or go above what is
/// seen do not push it, and the row that has the focus stays in the document wherever it is.
export class Table {
    #columns;
    #key;
    #empty;
    #matches;
    #filter = null;
    #rows = new Map();
    #ordered = [];
    #shown = [];
    #drawn = new Map();
    #sort;
    #query = "";
    #loaded = false;
    #head = new Map();
    #body = h("tbody");
    #gaps = [0, 1, 2].map(() => h("tr", { class: "space", "aria-hidden": "true" }, h("td")));
    #note = h("div", { class: "empty" });
    #table;
    #frame = null;
    #height = 0;
    #onChange;

    constructor(view, {
        label, columns, key = (row) => row.id, sort = null, query = "", empty, matches = () => true,
        onChange = () => {},
    }) {
        this.#columns = columns;
        this.#key = key;
        this.#empty = empty;
        this.#matches = matches;
        this.#sort = sort ?? columns.find((column) => column.sort)?.name;
        this.#query = query;
        this.#onChange = onChange;
        // Not before there are rows: a heading that goes again would move what is under it.
        this.#table = h(
            "table", { "aria-label": label, tabindex: "-1", hidden: true },
            h("thead", {}, h("tr", { "aria-rowindex": "1" }, columns.map((column) => this.#heading(column)))),
            this.#body);
        this.element = h("div", { class: "table" }, this.#table, this.#note);
        const draw = () => { this.#frame ??= requestAnimationFrame(() => this.#draw()); };
        // Of the page, and of what the table may stand in.
        addEventListener("scroll", draw, { signal: view.signal, passive: true, capture: true });
        addEventListener("resize", () => {
            this.#height = 0;
            draw();
        }, { signal: view.signal, passive: true });
        fill(this.#note, h("p", { class: "loading" }, "Loading…"));
    }

    get rows() {
        return [...this.#rows.values()];
    }

    /// The rows that the search leaves, in their order.
    get shown() {
        return this.#shown;
    }

    /// The rows that are in sight, and a few beside them.
    get drawn() {
        return [...this.#drawn.keys()].map((key) => this.#rows.get(key)).filter(Boolean);
    }

    get query() {
        return this.#query;
    }

    set query(text) {
        this.#query = text;
        this.#arrange();
        this.#onChange();
    }

    /// Which rows are shown besides what the search says: `(row) => Boolean`, or null for all.
    set filter(filter) {
        this.#filter = filter;
        this.#arrange();
    }

    /// A column's name, with "-" before it for the other direction.
    get sort() {
        return this.#sort;
    }

    set sort(name) {
        this.#sort = name;
        this.#order();
        this.#arrange();
        this.#onChange();
    }

    row(key) {
        return this.#rows.get(key);
    }

    /// Puts `rows` in the place of what there was; `isAll` says whether more are on their way.
    show(rows, isAll = true) {
        this.#rows = new Map(rows.map((row) => [this.#key(row), row]));
        this.#loaded = isAll;
        this.#change();
    }

    /// Draws one row anew.
    replace(row) {
        this.#rows.set(this.#key(row), row);
        this.#change();
    }

    #heading(column) {
        const words = column.hidden ? h("span", { class: "read-out" }, column.label) : column.label;
        if (!column.sort) return h("th", { scope: "col", class: column.class }, words);
        const head = h(
            "th", { scope: "col", class: column.class },
            h("button", {
                type: "button",
                onclick: () => { this.sort = this.#sort === column.name ? `-${column.name}` : column.name; },
            }, words));
        this.#head.set(column.name, head);
        return head;
    }

    /// Shows new data in the place of what was seen before.
    #change() {
        const before = this.#shown;
        const first = this.#firstSeen();
        this.#order();
        this.#arrange();
        if (first <= 0 || before.length === this.#shown.length) return;
        const pushed = pushedBy(before, this.#shown, first, this.#key);
        if (pushed === 0) return;
        scrollBy({ top: pushed * this.#rowHeight(), behavior: "instant" });
        this.#draw();
    }

    /// Puts all rows in order. They begin in the order that they had, which costs little where little has changed.
    #order() {
        const [name, way] = this.#direction();
        const value = this.#columns.find((column) => column.name === name)?.sort;
        if (!value) {
            this.#ordered = this.rows;
            return;
        }
        const known = new Set();
        const pairs = [];
        const add = (key, row) => {
            if (row === undefined || known.has(key)) return;
            known.add(key);
            pairs.push({ row, value: value(row) });
        };
        for (const row of this.#ordered) add(this.#key(row), this.#rows.get(this.#key(row)));
        for (const [key, row] of this.#rows) add(key, row);
        pairs.sort((left, right) => compare(left.value, right.value) * way);
        this.#ordered = pairs.map((pair) => pair.row);
    }

    #direction() {
        return this.#sort?.startsWith("-") ? [this.#sort.slice(1), -1] : [this.#sort, 1];
    }

    #arrange() {
        const [name, way] = this.#direction();
        const words = this.#query.trim().toLowerCase();
        const isShown = (row) => (!this.#filter || this.#filter(row)) && (words === "" || this.#matches(row, words));
        this.#shown = this.#ordered.filter(isShown);
        for (const [column, head] of this.#head) {
            if (column === name) head.setAttribute("aria-sort", way < 0 ? "descending" : "ascending");
            else head.removeAttribute("aria-sort");
        }
        this.#table.setAttribute("aria-rowcount", String(this.#shown.length + 1));
        this.#table.hidden = this.#rows.size === 0;
        if (this.#rows.size === 0 && this.#loaded) fill(this.#note, this.#empty);
        else if (this.#shown.length === 0 && this.#loaded) fill(this.#note, h("p", {}, "Nothing matches the search."));
        else if (this.#shown.length > 0) fill(this.#note);
        this.#draw(true);
    }

    /// Draws the rows that are seen, and the one that has the focus; `anew`: those that were drawn already too.
    #draw(anew = false) {
        this.#frame = null;
        const height = this.#rowHeight();
        const first = Math.max(0, Math.min(this.#firstSeen() - SPARE, this.#shown.length - 1));
        const bottom = innerHeight - this.#body.getBoundingClientRect().top;
        // Nothing where the window is past the end, before the browser has noticed that there is less to scroll.
        const last = Math.max(first, Math.min(this.#shown.length, Math.ceil(bottom / height) + SPARE));
        const places = [];
        for (let place = first; place < last; place += 1) places.push(place);
        const focused = this.#focusedPlace();
        if (focused >= 0 && focused < first) places.unshift(focused);
        else if (focused >= last) places.push(focused);
        const old = this.#drawn;
        this.#drawn = new Map();
        const children = [];
        const gaps = this.#gaps.values();
        let next = 0;
        for (const place of places) {
            if (place > next) children.push(this.#gap(gaps, (place - next) * height));
            children.push(this.#line(place, old, anew));
            next = place + 1;
        }
        if (next < this.#shown.length) children.push(this.#gap(gaps, (this.#shown.length - next) * height));
        const hadFocus = this.#body.contains(document.activeElement);
        arrange(this.#body, children);
        // The row is gone: not the whole page is to be gone through again.
        if (hadFocus && document.activeElement === document.body) this.#table.focus({ preventScroll: true });
    }

    #line(place, old, anew) {
        const row = this.#shown[place];
        const key = this.#key(row);
        let line = old.get(key);
        if (!line) {
            line = h("tr", {}, this.#columns.map((column) => h("td", { class: column.class }, column.cell(row))));
        } else if (anew) {
            this.#update(line, row);
        }
        const index = String(place + 2);
        if (line.getAttribute("aria-rowindex") !== index) line.setAttribute("aria-rowindex", index);
        this.#drawn.set(key, line);
        return line;
    }

    #update(line, row) {
        this.#columns.forEach((column, index) => {
            const cell = line.cells[index];
            if (column.fixed) {
                column.renew?.(cell, row);
                return;
            }
            const next = h("td", { class: column.class }, column.cell(row));
            // A control may look the same and be another one's.
            if (cell.isEqualNode(next) && !cell.querySelector("button, input, select")) return;
            fill(cell, ...next.childNodes);
        });
    }

    #gap(gaps, height) {
        const row = gaps.next().value;
        row.style.setProperty("height", `${height}px`);
        return row;
    }

    /// The place of the first row that is not above the window; negative while there is something else above the rows.
    #firstSeen() {
        return Math.floor(-this.#body.getBoundingClientRect().top / this.#rowHeight());
    }

    #focusedPlace() {
        if (!this.#body.contains(document.activeElement)) return -1;
        const line = document.activeElement.closest("tr");
        for (const [key, one] of this.#drawn) {
            if (one === line) return this.#shown.indexOf(this.#rows.get(key));
        }
        return -1;
    }

    #rowHeight() {
        this.#height ||= parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 44;
        return this.#height;
    }
}

/// A search field that filters `table`, with how many it leaves.
export function searchField(table, label) {
    return h(
        "input", {
            type: "search", "aria-label": label, placeholder: label, value: table.query, class: "search",
            oninput: (event) => { table.query = event.target.value; },
        });
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(left, right) {
    if (typeof left === "number" && typeof right === "number") return left === right ? 0 : left - right;
    return collator.compare(String(left), String(right));
}

/// How many rows more there are above what was at `place` before.
function pushedBy(before, after, place, key) {
    const there = new Set(after.map(key));
    let anchor = place;
    while (anchor < before.length && !there.has(key(before[anchor]))) anchor += 1;
    if (anchor >= before.length) return 0;
    const formerly = new Set(before.map(key));
    const name = key(before[anchor]);
    let pushed = 0;
    for (let index = 0; key(after[index]) !== name; index += 1) pushed += formerly.has(key(after[index])) ? 0 : 1;
    for (let index = 0; index < anchor; index += 1) pushed -= there.has(key(before[index])) ? 0 : 1;
    return pushed;
}

/// Makes `wanted` the children of `parent` with few moves; what has the focus is not moved, for it would lose it.
function arrange(parent, wanted) {
    const kept = new Set(wanted);
    for (const child of [...parent.children]) {
        if (!kept.has(child)) child.remove();
    }
    const fixed = wanted.findIndex((child) => child.parentNode === parent && child.contains(document.activeElement));
    const put = (children, from) => {
        let next = from;
        for (const child of children) {
            if (child === next) next = next.nextElementSibling;
            else parent.insertBefore(child, next);
        }
    };
    put(wanted.slice(0, Math.max(0, fixed)), parent.firstElementChild);
    put(wanted.slice(fixed + 1), fixed < 0 ? parent.firstElementChild : wanted[fixed].nextElementSibling);
}
