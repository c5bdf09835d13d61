import { fill, h } from "./element.js";

/// Rows that are drawn beside what is seen, above and below.
const SPARE = 12;

/// A table of any length: only the rows that are seen are in the document, so that 10,000 scroll as ten do.
///
/// `label` is its name. `key(row)` tells rows apart. `columns`: `{name, label, cell(row), sort(row), class, fixed, hidden}`:
/// `cell` returns nodes or a text; `sort` a number or a text to order by (no `sort`: no button); `fixed` cells are made once
/// for a row and not again, for buttons that must keep the focus: their handlers ask ``row(_:)`` for the row as it is
/// now; a `hidden` label is read out only. `empty` is shown when there are no rows at all, `nothing` when the search leaves
/// none. `matches(row, words)` decides what a search finds. Every row has the height that the style sheet says
/// (`--row`), so that where a row is needs no measuring.
export class Table {
    #columns;
    #key;
    #empty;
    #matches;
    #rows = new Map();
    #shown = [];
    #drawn = new Map();
    #sort;
    #query = "";
    #loaded = false;
    #head = new Map();
    #body = h("tbody");
    #above = h("tr", { class: "space", "aria-hidden": "true" }, h("td"));
    #below = h("tr", { class: "space", "aria-hidden": "true" }, h("td"));
    #note = h("div", { class: "empty" });
    #table;
    #frame = null;
    #onChange;

    constructor(view, {
        label, columns, key = (row) => row.id, sort = null, query = "", empty, matches = () => true, onChange = () => {},
    }) {
        this.#columns = columns;
        this.#key = key;
        this.#empty = empty;
        this.#matches = matches;
        this.#sort = sort ?? columns.find((column) => column.sort)?.name;
        this.#query = query;
        this.#onChange = onChange;
        this.#table = h(
            "table", { "aria-label": label },
            h("thead", {}, h("tr", { "aria-rowindex": "1" }, columns.map((column) => this.#heading(column)))), this.#body);
        this.element = h("div", { class: "table" }, this.#table, this.#note);
        const draw = () => { this.#frame ??= requestAnimationFrame(() => this.#draw()); };
        // Of the page, and of what the table may stand in.
        addEventListener("scroll", draw, { signal: view.signal, passive: true, capture: true });
        addEventListener("resize", draw, { signal: view.signal, passive: true });
        fill(this.#note, h("p", { class: "loading" }, "Loading…"));
    }

    get rows() {
        return [...this.#rows.values()];
    }

    /// The rows that the search leaves, in their order.
    get shown() {
        return this.#shown;
    }

    get query() {
        return this.#query;
    }

    set query(text) {
        this.#query = text;
        this.#arrange();
    }

    /// A column's name, with "-" before it for the other direction.
    get sort() {
        return this.#sort;
    }

    set sort(name) {
        this.#sort = name;
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
        this.#arrange();
    }

    /// Draws one row anew.
    replace(row) {
        this.#rows.set(this.#key(row), row);
        this.#arrange();
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

    #arrange() {
        const descending = this.#sort?.startsWith("-") ?? false;
        const name = descending ? this.#sort.slice(1) : this.#sort;
        const value = this.#columns.find((column) => column.name === name)?.sort;
        const words = this.#query.trim().toLowerCase();
        const found = words === "" ? this.rows : this.rows.filter((row) => this.#matches(row, words));
        if (value) {
            const order = new Map(found.map((row) => [row, value(row)]));
            found.sort((left, right) => compare(order.get(left), order.get(right)) * (descending ? -1 : 1));
        }
        this.#shown = found;
        for (const [column, head] of this.#head) {
            if (column === name) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
            else head.removeAttribute("aria-sort");
        }
        this.#table.setAttribute("aria-rowcount", String(found.length + 1));
        this.#table.hidden = this.#rows.size === 0;
        if (this.#rows.size === 0 && this.#loaded) fill(this.#note, this.#empty);
        else if (found.length === 0 && this.#loaded) fill(this.#note, h("p", {}, "Nothing matches the search."));
        else if (found.length > 0) fill(this.#note);
        this.#draw(true);
    }

    /// Draws the rows that are seen; `anew`: those that were drawn already too.
    #draw(anew = false) {
        this.#frame = null;
        const height = this.#rowHeight();
        const top = this.#body.getBoundingClientRect().top;
        const total = this.#shown.length;
        const first = Math.max(0, Math.min(Math.floor(-top / height) - SPARE, total - 1));
        const last = Math.min(total, Math.ceil((innerHeight - top) / height) + SPARE);
        const wanted = this.#shown.slice(first, Math.max(first, last));
        const old = this.#drawn;
        this.#drawn = new Map();
        const lines = wanted.map((row, place) => {
            const key = this.#key(row);
            let line = old.get(key);
            if (!line) {
                line = h("tr", {}, this.#columns.map((column) => h("td", { class: column.class }, column.cell(row))));
            } else if (anew) {
                this.#update(line, row);
            }
            line.setAttribute("aria-rowindex", String(first + place + 2));
            this.#drawn.set(key, line);
            return line;
        });
        space(this.#above, first * height, this.#columns.length);
        space(this.#below, (total - first - wanted.length) * height, this.#columns.length);
        place(this.#body, [this.#above, ...lines, this.#below]);
    }

    #update(line, row) {
        this.#columns.forEach((column, index) => {
            if (!column.fixed) fill(line.cells[index], column.cell(row));
        });
    }

    #rowHeight() {
        return parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 44;
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

function compare(left, right) {
    if (typeof left === "number" && typeof right === "number") return left - right;
    return String(left).localeCompare(String(right), "en", { numeric: true, sensitivity: "base" });
}

function space(row, height, columns) {
    row.firstElementChild.colSpan = columns;
    row.hidden = height <= 0;
    row.style.setProperty("height", `${height}px`);
}

/// Makes `wanted` the children of `parent` with as few moves as that takes: what stays where it is keeps its focus.
function place(parent, wanted) {
    const kept = new Set(wanted);
    for (const child of [...parent.children]) {
        if (!kept.has(child)) child.remove();
    }
    let next = parent.firstElementChild;
    for (const child of wanted) {
        if (child === next) next = next.nextElementSibling;
        else parent.insertBefore(child, next);
    }
}
