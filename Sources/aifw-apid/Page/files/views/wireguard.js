/// WireGuard: the tunnels.

import { all, may } from "../lib/api.js";
import { sparkline } from "../lib/chart.js";
import { fill, h, named } from "../lib/element.js";
import { Meter } from "../lib/meter.js";
import { keep } from "../lib/refresh.js";
import { state } from "../lib/state.js";
import { searchField, Table } from "../lib/table.js";
import { bytes, count, rate } from "../lib/words.js";
import { askToDelete, askToStop, startTunnel } from "./tunnel-acts.js";
import { openTunnelForm } from "./tunnel-form.js";
import { openImport } from "./tunnel-import.js";

/// What events may be about without any tunnel looking different.
const OTHERS = ["association", "user", "token", "webhook"];
/// What needs attention first.
const ORDER = ["error", "up", "down"];
/// How many tunnels that are not as they should be are told of above the list.
const MOST_FAULTS = 5;

export function show(view) {
    const meter = new Meter();
    const sum = h("span", { class: "sum" });
    const faults = h("ul", { class: "tunnel-faults" });
    const add = () => openTunnelForm(null, refresh);
    const table = new Table(view, {
        label: "Tunnels",
        sort: view.query.get("sort") ?? "name",
        query: view.query.get("q") ?? "",
        columns: columns(meter, () => table, () => refresh()),
        empty: nothing(add, () => openImport(refresh)),
        matches: (tunnel, words) => words.split(/\s+/).every((word) => text(tunnel).includes(word)),
        onChange: () => view.remember({ sort: table.sort === "name" ? null : table.sort, q: table.query }),
    });
    view.show(
        "WireGuard",
        {
            actions: may("vpn:write") && [
                h("button", { type: "button", onclick: () => openImport(refresh) }, "Import"),
                h("button", { type: "button", class: "primary", onclick: add }, "Add tunnel"),
            ],
        },
        h("div", { class: "toolbar" }, searchField(table, "Search tunnels"), sum), faults,
        h("div", { class: "tunnels" }, table.element));
    const refresh = keep(view, async () => {
        const tunnels = await all("/vpn/wg", { signal: view.signal });
        for (const tunnel of tunnels) meter.take(tunnel.id, tunnel.transfer_rx, tunnel.transfer_tx);
        meter.keep(tunnels.map((tunnel) => tunnel.id));
        table.show(tunnels);
        const up = tunnels.filter((tunnel) => tunnel.status === "up").length;
        fill(sum, tunnels.length > 0 && `${count(tunnels.length, "tunnel")}, ${up} up`);
        showFaults(faults, tunnels);
    }, { concerns: (name, event) => !OTHERS.includes(event.object?.type), every: 5000 });
}

/// Who may change nothing has no buttons.
function columns(meter, table, refresh) {
    const shown = [
        {
            name: "status", label: "Status", class: "status", sort: (tunnel) => ORDER.indexOf(tunnel.status),
            cell: (tunnel) => h("span", { title: tunnel.status_detail }, state(tunnel.status)),
        },
        {
            name: "name", label: "Name", class: "name", sort: (tunnel) => tunnel.name,
            cell: (tunnel) => h("a", { href: `/wireguard/${tunnel.id}`, title: tunnel.name }, named(tunnel.name)),
        },
        {
            name: "interface", label: "Interface", class: "roomy interface", sort: (tunnel) => tunnel.interface,
            cell: (tunnel) => tunnel.interface,
        },
        {
            name: "port", label: "Port", class: "roomy number port", sort: (tunnel) => tunnel.listen_port,
            cell: (tunnel) => String(tunnel.listen_port),
        },
        {
            name: "address", label: "Address", class: "roomy address", sort: (tunnel) => tunnel.address,
            cell: (tunnel) => h("span", { title: tunnel.address }, tunnel.address),
        },
        {
            name: "peers", label: "Peers", class: "wide-only number peers", sort: (tunnel) => tunnel.peer_count,
            cell: (tunnel) => tunnel.peer_count.toLocaleString("en"),
        },
        {
            name: "traffic", label: "Traffic", class: "traffic",
            sort: (tunnel) => tunnel.transfer_rx + tunnel.transfer_tx, cell: (tunnel) => traffic(tunnel, meter),
        },
    ];
    if (!may("vpn:write")) return shown;
    return [...shown, {
        name: "acts", label: "What can be done", hidden: true, class: "acts", fixed: true,
        cell: (tunnel) => acts(tunnel, () => table().row(tunnel.id), refresh),
        renew: (cell, tunnel) => label(cell.firstElementChild, tunnel),
    }];
}

/// In and out: all there ever was, and what flows now.
function traffic(tunnel, meter) {
    const now = meter.now(tunnel.id);
    const line = (way, total, flow) => [
        h("span", { class: `way ${way}` }, way), h("span", {}, bytes(total)),
        h("span", { class: "now" }, now && rate(flow(now))),
    ];
    return h(
        "div", { class: "flow" }, now ? sparkline(...meter.lately(tunnel.id), { width: 56, height: 28 }) : h("span"),
        h(
            "div", { class: "amounts" }, line("in", tunnel.transfer_rx, (one) => one.received),
            line("out", tunnel.transfer_tx, (one) => one.sent)));
}

/// The buttons of a row. They stay the same ones, so that they keep the focus; `row()` is the tunnel as it is now.
function acts(tunnel, row, refresh) {
    const buttons = h(
        "div", { class: "actions" }, h("button", { type: "button", onclick: toggle }),
        h("button", { type: "button", class: "wide-only", onclick: () => openTunnelForm(row(), refresh) }, "Edit"),
        h("button", { type: "button", class: "wide-only", onclick: () => askToDelete(row(), refresh) }, "Delete"));

    async function toggle(event) {
        const button = event.currentTarget;
        if (row().enabled) {
            askToStop(row(), refresh);
        } else if (!button.getAttribute("aria-disabled")) {
            button.setAttribute("aria-disabled", "true");
            await startTunnel(row(), refresh).finally(() => button.removeAttribute("aria-disabled"));
        }
    }

    label(buttons, tunnel);
    return buttons;
}

/// Says on the buttons what they do now, and to what.
function label(buttons, tunnel) {
    const words = [tunnel.enabled ? "Stop" : "Start", "Edit", "Delete"];
    words.forEach((word, index) => {
        const button = buttons.children[index];
        if (button.textContent !== word) fill(button, word);
        if (button.getAttribute("aria-label") !== `${word} ${tunnel.name}`) {
            button.setAttribute("aria-label", `${word} ${tunnel.name}`);
        }
    });
}

/// Why tunnels are not as they are wanted, in the API's words.
function showFaults(list, tunnels) {
    const broken = tunnels.filter((tunnel) => tunnel.status === "error");
    const more = broken.length - MOST_FAULTS;
    const lines = broken.slice(0, MOST_FAULTS).map((tunnel) => h(
        "li", {}, h("a", { href: `/wireguard/${tunnel.id}` }, named(tunnel.name)), ": ",
        tunnel.status_detail ?? "not as it is wanted"));
    if (more > 0) lines.push(h("li", {}, `${count(more, "more tunnel")} in this state`));
    const fresh = h("ul", { class: "tunnel-faults" }, lines);
    if (!fresh.isEqualNode(list)) fill(list, ...fresh.childNodes);
}

/// What stands where there is no tunnel yet.
function nothing(add, bring) {
    if (!may("vpn:write")) return h("p", {}, "There are no tunnels.");
    return [
        h("p", {}, "There are no tunnels yet. A tunnel is what your phones, laptops and other sites connect to."),
        h(
            "div", { class: "actions" },
            h("button", { type: "button", class: "primary", onclick: add }, "Add the first tunnel"),
            h("button", { type: "button", onclick: bring }, "Import files of wg-quick")),
    ];
}

/// What a search looks in.
function text(tunnel) {
    const { name, interface: device, listen_port: port, address, endpoint, status } = tunnel;
    return [name, device, port, address, endpoint ?? "", status].join("\n").toLowerCase();
}
