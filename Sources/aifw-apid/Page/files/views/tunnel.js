/// One tunnel: how it is, what it carries, and its peers.

import { get, may, Problem } from "../lib/api.js";
import { copyButton } from "../lib/clipboard.js";
import { fill, h, named } from "../lib/element.js";
import { live } from "../lib/live.js";
import { keep } from "../lib/refresh.js";
import { go } from "../lib/router.js";
import { state } from "../lib/state.js";
import { TrafficPanel } from "../lib/traffic-panel.js";
import { Peers } from "./peers.js";
import { askToDelete, askToStop, startTunnel } from "./tunnel-acts.js";
import { openTunnelForm } from "./tunnel-form.js";

/// The last hour is counted in slots of so many milliseconds.
const SLOT = 10_000;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function show(view) {
    // What can't be an id is not asked for.
    if (ID.test(view.parameters.id)) new TunnelPage(view);
    else showMissing(view);
}

/// The page of a tunnel that is not there; nothing is asked for any more.
function showMissing(view) {
    view.end();
    view.show(
        "No such tunnel", {},
        h("p", {}, "It is not there, or not any more. ", h("a", { href: "/wireguard" }, "Go to the list of tunnels.")));
}

class TunnelPage {
    #view;
    #path;
    #tunnel = null;
    #refresh;
    #state = h("span", { class: "lead" });
    #actions = h("div", { class: "actions" });
    #detail = h("p", { class: "tunnel-detail", hidden: true });
    #facts = h("dl");
    #traffic;
    #readTraffic = null;
    #peers = null;
    #place = h("div");

    constructor(view) {
        const { id } = view.parameters;
        this.#view = view;
        this.#path = `/vpn/wg/${id}`;
        this.#traffic = new TrafficPanel(view, {
            words: (range) => `the last ${range}`, since: "it was made", chosen: () => this.#readTraffic?.(),
        });
        view.show(
            "Tunnel", { lead: this.#state, actions: this.#actions }, this.#detail,
            h("div", { class: "tunnel" }, h("div", { class: "panel facts" }, this.#facts), this.#traffic.element),
            this.#place);
        // That the kernel can't be asked any more is no event; nor does one of a restore name what it has changed.
        this.#refresh = keep(view, () => this.#load(), {
            concerns: (_, event) => !event.object || event.object.id === id, every: 10_000,
        });
        live.addEventListener("change", ({ detail: { action, object } }) => {
            if (action === "delete" && object?.id === id) showMissing(view);
        }, { signal: view.signal });
    }

    async #load() {
        try {
            this.#tunnel = (await get(this.#path, { signal: this.#view.signal })).data;
        } catch (error) {
            if (!(error instanceof Problem && error.status === 404)) throw error;
            showMissing(this.#view);
            return;
        }
        this.#draw();
        this.#readTraffic ??= keep(this.#view, async () => {
            const query = { range: this.#traffic.range };
            this.#traffic.show((await get(`${this.#path}/history`, { query, signal: this.#view.signal })).data);
        }, { on: ["reset"], every: SLOT });
        if (!this.#peers) {
            this.#peers = new Peers(this.#view, () => this.#tunnel);
            fill(this.#place, this.#peers.element);
        }
        this.#peers.tunnelChanged();
    }

    #draw() {
        const tunnel = this.#tunnel;
        document.title = `${tunnel.name} · AiFw VPN`;
        fill(this.#view.heading, named(tunnel.name));
        fill(this.#state, state(tunnel.status));
        fill(this.#detail, tunnel.status_detail);
        this.#detail.hidden = !tunnel.status_detail;
        this.#drawActions(tunnel);
        const facts = [
            ["Interface", tunnel.interface],
            ["Port", `${tunnel.listen_port} (UDP)`],
            ["Address", tunnel.address],
            ["Endpoint", tunnel.endpoint ?? h("span", { class: "quiet" }, "this host's address")],
            ["Public key", h(
                "span", { class: "public-key" }, h("code", {}, tunnel.public_key),
                copyButton(() => tunnel.public_key))],
        ];
        // The button to copy the key must not lose the focus for nothing.
        const next = h("dl", {}, facts.map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]));
        if (!next.isEqualNode(this.#facts)) fill(this.#facts, ...next.childNodes);
    }

    #drawActions(tunnel) {
        if (!may("vpn:write")) return;
        const word = tunnel.enabled ? "Stop" : "Start";
        if (this.#actions.firstElementChild?.textContent === word) return;
        const act = tunnel.enabled ? askToStop : startTunnel;
        const run = (what) => () => what(this.#tunnel, this.#refresh);
        const hadFocus = this.#actions.contains(document.activeElement);
        fill(
            this.#actions, h("button", { type: "button", onclick: run(act) }, word),
            h("button", { type: "button", onclick: run(openTunnelForm) }, "Edit"),
            h("button", {
                type: "button", onclick: () => askToDelete(this.#tunnel, () => go("/wireguard")),
            }, "Delete"));
        if (hadFocus) this.#actions.firstElementChild.focus();
    }
}
