/// The peers of a tunnel: a table that stays true, and what can be done with each.

import { may } from "../lib/api.js";
import { sparkline } from "../lib/chart.js";
import { fill, h, named } from "../lib/element.js";
import { menuButton } from "../lib/menu.js";
import { state } from "../lib/state.js";
import { searchField, Table } from "../lib/table.js";
import { bytes, count } from "../lib/words.js";
import { askToDeletePeer, askToRotate, setPeerEnabled } from "./peer-acts.js";
import { openBulk } from "./peer-bulk.js";
import { openConfiguration } from "./peer-config.js";
import { expiry, lastHandshake, openPeerDetails, quiet, speed } from "./peer-details.js";
import { openPeerForm } from "./peer-form.js";
import { PeerRows, STATES } from "./peer-rows.js";
import { PeerWatch } from "./peer-watch.js";

/// The section "Peers" of a tunnel's page. `tunnel()` is the tunnel as it is known now.
export class Peers {
    #tunnel;
    #view;
    #rows = new PeerRows();
    #watch;
    #table;
    #counts;
    /// What shows a single peer, while it is open.
    #details = null;

    constructor(view, tunnel) {
        this.#tunnel = tunnel;
        this.#view = view;
        this.#table = new Table(view, {
            label: "Peers",
            sort: view.query.get("sort") ?? "name",
            query: view.query.get("q") ?? "",
            columns: this.#columns(),
            empty: h(
                "p", {}, "There are no peers. A peer is a device that may connect: a laptop, a phone, another office."),
            matches: (row, words) => row.text.includes(words) || row.state === words,
            onChange: () => view.remember({ q: this.#table.query, sort: this.#table.sort }),
        });
        this.#counts = new StateCounts(this.#rows, view.query.get("state"), (wanted) => {
            this.#table.filter = wanted && ((row) => row.state === wanted);
            view.remember({ state: wanted });
        });
        if (this.#counts.wanted) this.#table.filter = (row) => row.state === this.#counts.wanted;
        this.#watch = new PeerWatch(view, view.parameters.id, this.#rows, (isAll) => {
            this.#counts.draw();
            this.#table.show(this.#rows.all, isAll);
            this.#details?.draw();
        });
        this.element = h(
            "section", { class: "peers", "aria-labelledby": "peers" },
            h(
                "div", { class: "toolbar" }, h("h2", { id: "peers" }, "Peers"),
                searchField(this.#table, "Search peers"), this.#counts.element, this.#buttons()),
            this.#table.element);
        this.#watch.readAll();
    }

    /// The tunnel was read anew.
    tunnelChanged() {
        this.#watch.isRunning = this.#tunnel().enabled;
    }

    #buttons() {
        if (!may("vpn:write")) return null;
        return h(
            "div", { class: "actions" },
            h("button", {
                type: "button", onclick: () => openBulk(this.#tunnel(), () => this.#watch.readAll()),
            }, "Add many"),
            h("button", {
                type: "button", class: "primary",
                onclick: () => openPeerForm(this.#tunnel(), null, () => this.#watch.readNewest()),
            }, "Add peer"));
    }

    #columns() {
        return [
            {
                name: "name", label: "Name", class: "name", sort: (row) => row.peer.name,
                cell: (row) => lines(named(row.peer.name), h("code", {}, `${row.peer.public_key.slice(0, 10)}…`)),
            },
            {
                name: "state", label: "State", class: "state-of",
                // Within a state, who expires first.
                sort: (row) => STATES.indexOf(row.state) * 1e14 + (row.expires || 9e13),
                cell: (row) => lines(state(row.state), expiry(row)),
            },
            {
                name: "address", label: "Addresses", class: "address", sort: (row) => row.peer.allowed_ips[0] ?? "",
                cell: (row) => h("span", { title: row.peer.allowed_ips.join("\n") }, row.peer.allowed_ips.join(", ")),
            },
            {
                name: "handshake", label: "Last handshake", class: "handshake",
                sort: (row) => (row.handshake ? -row.handshake : 0),
                cell: lastHandshake,
            },
            {
                name: "endpoint", label: "Heard from", class: "endpoint", sort: (row) => row.endpoint ?? "",
                cell: (row) => (row.endpoint ? h("span", { title: row.endpoint }, row.endpoint) : quiet("–")),
            },
            {
                name: "received", label: "In", class: "traffic number", sort: (row) => -row.received,
                cell: (row) => lines(bytes(row.received), speed(row.receiving)),
            },
            {
                name: "sent", label: "Out", class: "traffic number", sort: (row) => -row.sent,
                cell: (row) => lines(bytes(row.sent), speed(row.sending)),
            },
            {
                name: "now", label: "Now", class: "now", sort: (row) => -(row.receiving + row.sending || 0),
                cell: (row) => this.#line(row),
            },
            {
                name: "acts", label: "What can be done", hidden: true, class: "acts", fixed: true,
                cell: (row) => this.#acts(row), renew: (cell, row) => nameActs(cell, row.peer.name),
            },
        ];
    }

    /// Of most of many peers there is nothing to draw.
    #line(row) {
        const [received, sent] = this.#rows.rates(row);
        return [...received, ...sent].some((value) => value > 0) ? sparkline(received, sent) : null;
    }

    #acts(row) {
        const name = row.peer.name;
        const configure = () => openConfiguration(this.#tunnel(), row.peer);
        return h(
            "div", { class: "actions" },
            may("vpn:secrets") && h("button", {
                type: "button", class: "main-act", "aria-label": `Configuration of ${name}`, onclick: configure,
            }, "Config"),
            menuButton("More", `More for ${name}`, () => [
                { label: "Details…", run: () => this.#openDetails(row) },
                may("vpn:secrets") && { label: "Configuration…", run: configure },
                ...(may("vpn:write") ? this.#changes(row) : []),
            ]));
    }

    #openDetails({ id }) {
        this.#details = openPeerDetails(
            () => this.#table.row(id), (row) => this.#rows.rates(row), () => { this.#details = null; });
    }

    #changes(row) {
        const tunnel = this.#tunnel();
        // What it is doing now: who is cut off by a change is told.
        const handshake = row.handshake ? new Date(row.handshake).toISOString() : null;
        const peer = { ...row.peer, state: row.state, latest_handshake: handshake };
        const refresh = () => this.#watch.read(peer.id);
        return [
            { label: "Edit…", run: () => openPeerForm(tunnel, peer, refresh) },
            {
                label: peer.enabled ? "Disable" : "Enable",
                run: () => setPeerEnabled(tunnel, peer, !peer.enabled, refresh),
            },
            { label: "Rotate key…", run: () => askToRotate(tunnel, peer, refresh) },
            {
                label: "Delete…", danger: true,
                run: () => askToDeletePeer(tunnel, peer, async () => this.#watch.forget(peer.id)),
            },
        ];
    }
}

/// How many peers there are in each state; a click on one shows those only.
class StateCounts {
    element = h("div", { class: "sum", role: "group", "aria-label": "Peers by state" });
    #rows;
    #total = h("span");
    #buttons;
    #choose;

    constructor(rows, wanted, choose) {
        this.#rows = rows;
        this.#choose = choose;
        this.wanted = STATES.includes(wanted) ? wanted : null;
        this.#buttons = new Map(STATES.map((word) => [word, h("button", {
            type: "button", class: "plain", onclick: () => this.#toggle(word),
        })]));
        fill(this.element, this.#total, ...this.#buttons.values());
        this.draw();
    }

    draw() {
        fill(this.#total, count(this.#rows.size, "peer"));
        for (const [word, number] of this.#rows.counts()) {
            const button = this.#buttons.get(word);
            const text = `${number.toLocaleString("en")} ${word}`;
            if (button.textContent !== text) fill(button, text);
            button.setAttribute("aria-pressed", String(word === this.wanted));
            button.hidden = number === 0 && word !== this.wanted;
        }
    }

    #toggle(word) {
        this.wanted = word === this.wanted ? null : word;
        this.#choose(this.wanted);
        this.draw();
    }
}

function lines(first, second) {
    return [h("div", { class: "first" }, first), second && h("small", {}, second)];
}

/// The names that are read out for a row's buttons.
function nameActs(cell, name) {
    const [more, configuration] = [...cell.querySelectorAll("button")].reverse();
    configuration?.setAttribute("aria-label", `Configuration of ${name}`);
    more.setAttribute("aria-label", `More for ${name}`);
}
