/// All that is known of one association, as it is while one looks at it.

import { all, get } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { live } from "../lib/live.js";
import { keep } from "../lib/refresh.js";
import { state } from "../lib/state.js";
import { ago, at, bytes } from "../lib/words.js";
import { algorithms, spi } from "./association-terms.js";

/// `buttons(association)` are what can be done; they are made anew when it was enabled, disabled or renamed.
export function openDetails({ id, name }, buttons) {
    const end = new AbortController();
    const problem = h("div", { role: "alert" });
    const content = h("div", { class: "association" }, h("p", { class: "loading" }, "Loading…"));
    const actions = h("div", { class: "actions" });
    let made = null;
    const dialog = openDialog({
        title: named(name), wide: true, onClose: () => end.abort(), body: [problem, content, actions],
    });
    const place = {
        signal: end.signal,
        fault(error) { fill(problem, error && h("p", { class: "problem" }, error.detail)); },
    };
    live.addEventListener("change", ({ detail: { action, object } }) => {
        // There is nothing left to look at.
        if (action === "delete" && object?.id === id) dialog.close();
    }, { signal: end.signal });
    keep(place, async () => {
        const { data: association } = await get(`/vpn/ipsec/${id}`, { signal: end.signal });
        const [status, rules] = await Promise.all([
            association.installed ? get(`/vpn/ipsec/${id}/status`, { signal: end.signal }) : null,
            all("/vpn/rules", { query: { q: association.name }, signal: end.signal }),
        ]);
        dialog.setTitle(named(association.name));
        fill(
            content, facts(association), traffic(association, status?.data),
            passRules(association, rules.filter((rule) => rule.object.id === id)));
        const words = `${association.enabled} ${association.name}`;
        if (words !== made) {
            const hadFocus = actions.contains(document.activeElement);
            fill(actions, buttons(association, dialog));
            if (hadFocus) actions.querySelector("button")?.focus();
            made = words;
        }
    }, { every: 5000, concerns: (_, event) => event.action !== "delete" && (!event.object || event.object.id === id) });
    return dialog;
}

function facts(association) {
    const { src_networks: ours, dst_networks: theirs } = association;
    const number = (value) => [h("span", { class: "code" }, spi(value)), ` (${value})`];
    const lines = [
        ["Status", [state(association.status), association.status_detail && [": ", association.status_detail]]],
        ["This end", association.src_addr],
        ["Far end", association.dst_addr],
        ["Protocol, mode", `${association.protocol}, ${association.mode}`],
        ["Algorithms", algorithms(association)],
        ["Networks at this end", ours ? ours.join(", ") : null],
        ["Networks at the far end", theirs ? theirs.join(", ") : null],
        ["SPI in", number(association.spi_in)],
        ["SPI out", number(association.spi_out)],
        ["Replay window", association.replay_window ? `${association.replay_window} packets` : "off"],
        ["Made", at(association.created_at)],
        ["Changed", at(association.updated_at)],
    ];
    return h("dl", {}, lines.map(([term, value]) => value && [h("dt", {}, term), h("dd", {}, value)]));
}

function traffic(association, status) {
    const heading = h("h3", {}, "Traffic");
    if (!status?.running) {
        const words = association.installed === null
            ? "Nobody knows: the kernel could not be asked." : "None: it is not in the kernel.";
        return h("section", {}, heading, h("p", { class: "quiet" }, words));
    }
    const number = (value) => value.toLocaleString("en");
    const time = (value) => (value ? ago(value) : "never");
    const lines = [
        ["Bytes", (way) => h("span", { title: number(way.bytes) }, bytes(way.bytes))],
        ["Packets", (way) => number(way.packets)],
        ["Failures", (way) => number(way.failures)],
        ["of which too old for the replay window", (way) => number(way.outside_window)],
        ["of which seen before", (way) => number(way.repeated)],
        ["of which changed on the way, or of another key", (way) => number(way.unauthentic)],
        ["Put into the kernel", (way) => time(way.added_at)],
        ["Used", (way) => time(way.used_at)],
    ];
    return h(
        "section", {}, heading,
        h(
            "table", { class: "facts", "aria-label": "Traffic" },
            h("thead", {}, h("tr", {}, h("td"), ["In", "Out"].map((way) => h(
                "th", { scope: "col", class: "number" }, way)))),
            h("tbody", {}, lines.map(([label, cell]) => h(
                "tr", {}, h("th", { scope: "row" }, label), h("td", { class: "number" }, cell(status.in)),
                h("td", { class: "number" }, cell(status.out)))))));
}

function passRules(association, rules) {
    const none = association.enabled ? "None." : "None: it is not enabled.";
    return h(
        "section", {}, h("h3", {}, "Pass rules"),
        rules.length === 0 ? h("p", { class: "quiet" }, none) : h("ul", {}, rules.map((rule) => h(
            "li", {}, words(rule), !rule.loaded && [" ", h("span", { class: "warning" }, "(not loaded)")]))));
}

function words(rule) {
    const ends = `between ${rule.local} and ${rule.remote}`;
    switch (rule.kind) {
    case "protected-packets": return `${rule.protocol.toUpperCase()} ${ends}, both ways`;
    case "key-exchange": return `UDP 500 and 4500, for IKE, ${ends}`;
    default: return `What comes out of the association: ${ends}`;
    }
}
