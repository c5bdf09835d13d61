/// What lines are taken for, before they become peers, with all that is wrong at its line.

import { Problem } from "../lib/api.js";
import { fill, h, named } from "../lib/element.js";
import { NAMES, placeOf, readPeers } from "../lib/peer-lines.js";
import { Table } from "../lib/table.js";
import { count } from "../lib/words.js";

/// Faults that are told in whole words above the table; it has them all.
const TOLD = 100;

export class Preview {
    element = h("div", { class: "lines-preview" });
    #told = h("div", { class: "told", "aria-live": "polite" });
    #signal;
    #table = null;
    #columns = null;
    #read = readPeers("");

    constructor(signal) {
        this.#signal = signal;
        this.element.hidden = true;
    }

    get summary() {
        return `${count(this.#faults.length, "fault")} in ${count(this.#read.lines.length, "line")}.`;
    }

    /// What the API is told. Throws a `Problem` where something is wrong already.
    peers() {
        if (this.#faults.length > 0) {
            throw new Problem({ status: 0, code: "faults", detail: `Nothing was sent. ${this.summary}` });
        }
        return this.#read.lines.map((line) => line.body);
    }

    show(text) {
        this.#read = readPeers(text);
        this.element.hidden = text.trim() === "";
        this.#draw();
    }

    /// Takes the faults of an answer; false if they are none of the lines'.
    take(errors) {
        const placed = errors.map(({ field, detail }) => ({ place: placeOf(field), detail }));
        if (placed.length === 0 || placed.some(({ place }) => !this.#read.lines[place?.index])) return false;
        for (const line of this.#read.lines) line.faults = [];
        for (const { place, detail } of placed) {
            const line = this.#read.lines[place.index];
            line.faults.push({ line: line.line, column: place.column, detail: this.#inLines(detail) });
        }
        this.#draw();
        return true;
    }

    /// Peers of the request are lines here.
    #inLines(detail) {
        return detail.replace(/peers\[(\d+)\] of this request/g, (words, index) => {
            const line = this.#read.lines[index];
            return line ? `line ${line.line} (${line.body.name})` : words;
        });
    }

    get #faults() {
        return [...this.#read.faults, ...this.#read.lines.flatMap((line) => line.faults)];
    }

    #draw() {
        const faults = this.#faults;
        const more = faults.length - TOLD;
        const peers = count(this.#read.lines.length, "peer");
        fill(
            this.#told, h("p", {}, faults.length === 0 ? `${peers}, and nothing wrong with the lines.` : this.summary),
            faults.length > 0 && h(
                "ul", { class: "faults" }, faults.slice(0, TOLD).map((fault) => h("li", {}, inWords(fault))),
                more > 0 && h("li", {}, `and ${more.toLocaleString("en")} more, each at its line below`)));
        const columns = [...new Set(this.#read.columns)].filter((column) => NAMES.includes(column));
        if (faults.length > 0) columns.push("fault");
        if (columns.join() !== this.#columns?.join()) this.#makeTable(columns);
        this.#table.show(this.#read.lines);
        this.#table.sort = faults.length > 0 ? "fault" : "line";
    }

    #makeTable(columns) {
        this.#columns = columns;
        this.#table = new Table({ signal: this.#signal }, {
            label: "Preview",
            key: (row) => row.line,
            columns: [
                {
                    name: "line", label: "Line", class: "number line", cell: (row) => String(row.line),
                    sort: (row) => row.line,
                },
                ...columns.map((name) => (name === "fault" ? FAULT : {
                    name, label: name, class: name === "name" ? "" : name === "allowed_ips" ? "wide-only" : "roomy",
                    cell: (row) => cell(row, name),
                })),
            ],
            empty: h("p", {}, "No line with a peer."),
        });
        fill(this.element, this.#told, this.#table.element);
    }
}

/// What is wrong with a line; those with nothing wrong come last.
const FAULT = {
    name: "fault", label: "What is wrong", class: "wrong", sort: (row) => (row.faults.length > 0 ? row.line : Infinity),
    cell: (row) => {
        const words = row.faults.map(({ column, detail }) => (column ? `${column}: ${detail}` : detail)).join("; ");
        return h("span", { title: words }, words);
    },
};

function cell(row, name) {
    const text = row.cells[name] ?? "";
    const isWrong = row.faults.some((fault) => fault.column === name);
    return named(text, { class: isWrong ? "name wrong" : "name", title: text });
}

function inWords({ line, column, detail }) {
    return [h("strong", {}, `Line ${line}`), column ? [", ", h("code", {}, column), ": "] : ": ", detail];
}
