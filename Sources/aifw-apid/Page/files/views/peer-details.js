/// All that is known of one peer now, on a screen of any width: the table of peers has room for less.

import { sparkline } from "../lib/chart.js";
import { openDialog } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { state } from "../lib/state.js";
import { ago, bytes, distance, moment, rate } from "../lib/words.js";

/// Opens the dialog. `find()` is the peer's row (``PeerRows``) as it is now, undefined when the peer is gone: then it
/// closes. `rates(row)` are its `[received, sent]` of late. Returns `{draw}`, to be called when anything has changed;
/// null where the peer was gone already.
export function openPeerDetails(find, rates, onClose) {
    if (!find()) return null;
    const facts = h("dl");
    const dialog = openDialog({ title: ["Details of ", named(find().peer.name)], onClose, body: facts });

    function draw() {
        const row = find();
        if (!row) {
            dialog.close();
            return;
        }
        dialog.setTitle(["Details of ", named(row.peer.name)]);
        const parts = lines(row, rates(row)).flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);
        parts.forEach((part, index) => {
            const there = facts.children[index];
            if (!there) facts.append(part);
            // What is the same stays: it may be selected, to be copied.
            else if (!there.isEqualNode(part)) there.replaceWith(part);
        });
    }

    draw();
    return { draw };
}

/// When the peer's right ends or has ended, in words; null if it does not.
export function expiry(row) {
    if (!row.expires) return null;
    const time = row.peer.expires_at;
    return h("span", { title: moment(time) }, `${row.state === "expired" ? "" : "expires "}${distance(time)}`);
}

export function lastHandshake(row) {
    return row.handshake ? ago(new Date(row.handshake).toISOString()) : quiet("never");
}

/// A rate; "–" where it is not known.
export function speed(bytesPerSecond) {
    return Number.isNaN(bytesPerSecond) ? "–" : rate(bytesPerSecond);
}

export function quiet(text) {
    return h("span", { class: "quiet" }, text);
}

function lines(row, [received, sent]) {
    const end = expiry(row);
    const isBusy = [...received, ...sent].some((value) => value > 0);
    return [
        ["State", [state(row.state), end && [" ", end]]],
        ["Addresses", row.peer.allowed_ips.join(", ")],
        ["Public key", h("code", {}, row.peer.public_key)],
        ["Last handshake", lastHandshake(row)],
        ["Heard from", row.endpoint ?? quiet("nowhere")],
        ["In", `${bytes(row.received)}, now ${speed(row.receiving)}`],
        ["Out", `${bytes(row.sent)}, now ${speed(row.sending)}`],
        ["Of late", isBusy ? sparkline(received, sent, { width: 240, height: 40 }) : quiet("nothing")],
    ];
}
