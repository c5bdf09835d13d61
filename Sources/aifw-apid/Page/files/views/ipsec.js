/// IPsec: the associations with their keys given by hand.

import { all, get, may, post, Problem, remove } from "../lib/api.js";
import { confirm } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { say, sayDone } from "../lib/notice.js";
import { keep } from "../lib/refresh.js";
import { state } from "../lib/state.js";
import { searchField, Table } from "../lib/table.js";
import { bytes, count } from "../lib/words.js";
import { openDetails } from "./association-details.js";
import { openAdd, openEdit } from "./association-form.js";
import { algorithms, carried, spi } from "./association-terms.js";
import { openFarEnd } from "./far-end.js";

export function show(view) {
    const list = new Associations(view);
    const add = may("vpn:write") && h(
        "button", { type: "button", class: "primary", onclick: () => openAdd((made) => list.added(made)) }, "Add SA");
    view.show("IPsec", { actions: [add] }, h("div", { class: "ipsec" }, list.toolbar, list.table.element));
    list.begin();
}

class Associations {
    #view;
    /// What `/status` said last of each that is in the kernel: null of one that is not any more, or a `Problem`.
    #counters = new Map();
    #sum = h("span", { class: "sum", role: "status" });
    #wake = () => {};
    refresh = null;

    constructor(view) {
        this.#view = view;
        this.table = new Table(view, {
            label: "Associations",
            sort: view.query.get("sort") ?? "name",
            query: view.query.get("q") ?? "",
            columns: this.#columns(),
            empty: [
                h("p", {}, "There are no associations yet. A security association (SA) protects what goes between this "
                    + "firewall and one other."),
                may("vpn:write") && plainButton("Add the first SA", () => openAdd((made) => this.added(made))),
            ],
            matches,
            onChange: () => view.remember({ sort: this.table.sort }),
        });
        const search = searchField(this.table, "Search associations");
        search.addEventListener("input", () => view.remember({ q: search.value }));
        this.toolbar = h("div", { class: "toolbar" }, search, this.#sum);
    }

    begin() {
        this.refresh = keep(this.#view, async () => {
            const rows = await all("/vpn/ipsec", { signal: this.#view.signal });
            const installed = new Set(rows.filter((row) => row.installed).map((row) => row.id));
            for (const id of this.#counters.keys()) {
                if (!installed.has(id)) this.#counters.delete(id);
            }
            this.table.show(rows);
            const up = rows.filter((row) => row.status === "up").length;
            this.#sum.textContent = rows.length > 0 ? `${count(rows.length, "association")}, ${up} up` : "";
            this.#wake();
        }, { concerns: (_, event) => !event.object || event.object.type === "association" });
        this.#count();
    }

    async added(association) {
        await this.refresh();
        if (may("vpn:secrets")) openFarEnd(association, h("p", {}, "Nothing can pass before the far end has it."));
    }

    #columns() {
        return [
            {
                name: "status", label: "Status", class: "status", sort: (row) => row.status,
                cell: (row) => two(state(row.status), row.status_detail, row.status_detail),
            },
            {
                name: "name", label: "Name", class: "named", fixed: true, sort: (row) => row.name, renew,
                cell: (row) => this.#button(row, "name", (now) => this.#openDetails(now), "plain"),
            },
            {
                name: "ends", label: "Here → far end", class: "ends wide-only",
                sort: (row) => `${row.src_addr} ${row.dst_addr}`,
                cell: (row) => even(`${row.src_addr} →`, row.dst_addr, `${row.src_addr} → ${row.dst_addr}`),
            },
            {
                name: "spis", label: "SPI in, out", class: "spis roomy", sort: (row) => row.spi_in,
                cell: (row) => even(
                    h("span", { class: "code" }, spi(row.spi_in)), h("span", { class: "code" }, spi(row.spi_out)),
                    `in ${row.spi_in}, out ${row.spi_out}`),
            },
            {
                name: "protection", label: "Protection", class: "protection roomy",
                sort: (row) => `${row.protocol} ${row.mode} ${algorithms(row)}`,
                cell: (row) => two(`${row.protocol}, ${row.mode}`, algorithms(row), algorithms(row)),
            },
            {
                name: "traffic", label: "Traffic in, out", class: "traffic roomy", cell: (row) => this.#traffic(row),
                sort: (row) => {
                    const counters = this.#counters.get(row.id);
                    return counters?.in ? counters.in.bytes + counters.out.bytes : -1;
                },
            },
            {
                name: "acts", label: "What can be done", hidden: true, class: "acts", fixed: true, renew,
                cell: (row) => h(
                    "div", { class: "actions" },
                    this.#button(row, "farEnd", (now) => openFarEnd(now)),
                    may("vpn:write") && [
                        this.#button(row, "edit", (now) => openEdit(now, this.refresh), "plain wide-only"),
                        this.#button(row, "toggle", (now) => this.#toggle(now), "plain wide-only"),
                        this.#button(row, "delete", (now) => this.#askToDelete(now), "plain wide-only"),
                    ]),
            },
        ];
    }

    /// One that stays while its words change.
    #button(row, kind, act, look = null) {
        const button = h("button", {
            type: "button", class: look, "data-kind": kind, onclick: () => act(this.table.row(row.id)),
        });
        label(button, row);
        return button;
    }

    // MARK: What can be done

    #openDetails(row) {
        openDetails(row, (association, dialog) => [
            may("vpn:write") && [
                plainButton("Delete", () => this.#askToDelete(association, dialog)),
                plainButton(association.enabled ? "Disable" : "Enable", () => this.#toggle(association)),
                plainButton("Edit", () => openEdit(association, this.refresh)),
            ],
            plainButton("Far end", () => openFarEnd(association), "primary"),
        ]);
    }

    #toggle(association) {
        const { id, name, enabled } = association;
        confirm({
            title: enabled ? "Disable the association?" : "Enable the association?",
            text: h("p", {}, enabled
                ? ["What ", named(name), " carries between ", carried(association), " is cut off at once."]
                : ["From then on what goes between ", carried(association), " goes by ", named(name),
                    " alone: it is cut off until the far end has its configuration."]),
            action: enabled ? "Disable" : "Enable",
            run: async () => {
                const { warnings } = await post(`/vpn/ipsec/${id}/${enabled ? "stop" : "start"}`);
                await this.refresh();
                sayDone([enabled ? "Disabled " : "Enabled ", named(name)], warnings);
            },
        });
    }

    #askToDelete(association, details = null) {
        const { id, name, enabled } = association;
        confirm({
            title: "Delete the association?",
            text: [
                h("p", {}, enabled
                    ? ["What ", named(name), " carries between ", carried(association), " is cut off at once."]
                    : [named(name), " is not enabled: no traffic is cut off."]),
                h("p", {}, "Its keys are gone for good."),
            ],
            action: "Delete association",
            run: async () => {
                await remove(`/vpn/ipsec/${id}`);
                details?.close();
                await this.refresh();
                say("Deleted ", named(name));
            },
        });
    }

    // MARK: Counters

    #traffic(row) {
        const quiet = (words, title = null) => h("span", { class: "quiet", title }, words);
        const counters = this.#counters.get(row.id);
        if (row.installed === null) return quiet("not known");
        if (!row.installed || counters === null) return quiet("not in the kernel");
        if (!counters) return quiet("…");
        if (counters instanceof Problem) return quiet("not known", counters.detail);
        const [come, gone] = ["in", "out"].map((way) => carriedWords(way, counters[way]));
        return even(come, gone, `${come.textContent}; ${gone.textContent}`);
    }

    /// Reads the counters of what is in the kernel and in sight, one after the other: every five seconds, and never for
    /// more than a fifth of the time.
    async #count() {
        const { signal } = this.#view;
        while (!signal.aborted) {
            const began = performance.now();
            const rows = document.hidden ? [] : this.table.drawn.filter((row) => row.installed);
            for (const row of rows) await this.#read(row);
            if (rows.length > 0) this.table.show(this.table.rows);
            const took = performance.now() - began;
            await pause(4 * took, signal);
            const isMissing = this.table.drawn.some((row) => row.installed && !this.#counters.has(row.id));
            if (document.hidden || !isMissing) {
                const woken = new Promise((resolve) => { this.#wake = resolve; });
                await Promise.race([woken, pause(5000 - 5 * took, signal)]);
            }
        }
    }

    async #read(row) {
        const { signal } = this.#view;
        if (signal.aborted) return;
        try {
            const { data } = await get(`/vpn/ipsec/${row.id}/status`, { signal });
            this.#counters.set(row.id, data.running ? data : null);
        } catch (error) {
            if (signal.aborted) return;
            if (!(error instanceof Problem)) throw error;
            this.#counters.set(row.id, error);
        }
    }
}

function matches(row, words) {
    const texts = [
        row.name, row.src_addr, row.dst_addr, spi(row.spi_in), spi(row.spi_out), String(row.spi_in),
        String(row.spi_out), ...(row.src_networks ?? []), ...(row.dst_networks ?? []), row.protocol, row.mode,
        algorithms(row), row.status,
    ];
    return texts.some((text) => text.toLowerCase().includes(words));
}

const WORDS = {
    farEnd: () => "Far end",
    edit: () => "Edit",
    toggle: (row) => (row.enabled ? "Disable" : "Enable"),
    delete: () => "Delete",
};

/// Says on the buttons of a cell what they do to the row as it is now.
function renew(cell, row) {
    for (const button of cell.querySelectorAll("button")) label(button, row);
}

function label(button, row) {
    const { kind } = button.dataset;
    if (kind === "name") {
        button.replaceChildren(named(row.name));
        button.title = row.name;
        button.setAttribute("aria-label", `${row.name}: details`);
        return;
    }
    const words = WORDS[kind](row);
    button.textContent = words;
    button.setAttribute("aria-label", `${words} ${row.name}`);
}

function plainButton(words, act, look = null) {
    return h("button", { type: "button", class: look, onclick: act }, words);
}

/// What went one way: "in 2.18 GiB, 868,678 packets".
function carriedWords(way, { bytes: size, packets, failures }) {
    const failed = failures > 0 && [h("span", { class: "warning" }, `${failures.toLocaleString("en")} failed`), ", "];
    return h("span", {}, `${way} ${bytes(size)}, `, failed, count(packets, "packet"));
}

/// A cell of a line and a less important one; `title` shows on pointing at them.
function two(first, second, title = null, look = "two") {
    return h("div", { class: look, title }, h("div", {}, first), second && h("div", {}, second));
}

/// A cell of two lines of which one is as important as the other.
function even(first, second, title) {
    return two(first, second, title, "two even");
}

/// Resolves after some milliseconds, or when `signal` is aborted.
function pause(milliseconds, signal) {
    return new Promise((resolve) => {
        const done = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", done);
            resolve();
        };
        const timer = setTimeout(done, Math.max(0, milliseconds));
        signal.addEventListener("abort", done);
    });
}
