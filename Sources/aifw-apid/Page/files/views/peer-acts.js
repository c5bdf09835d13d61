/// What is done with a peer in one step: enabled, disabled, given new keys, deleted. Who is cut off is said before.

import { may, patch, post, Problem, remove } from "../lib/api.js";
import { confirm } from "../lib/dialog.js";
import { h, named } from "../lib/element.js";
import { say, sayDone } from "../lib/notice.js";
import { distance } from "../lib/words.js";
import { openConfiguration, showOnce } from "./peer-config.js";

/// Enables it at once; disabling asks. `done()` shows what has become of it.
export function setPeerEnabled(tunnel, peer, enabled, done) {
    if (enabled) return enable(tunnel, peer, done);
    return confirm({
        title: "Disable the peer?",
        text: [
            h(
                "p", {}, named(peer.name),
                " is cut off at once, until it is enabled again. It keeps its address and its keys."),
            presence(peer),
        ],
        action: "Disable peer",
        run: async () => {
            const { warnings } = await patch(path(tunnel, peer), { body: { enabled: false } });
            await done();
            sayDone(["Disabled ", named(peer.name)], warnings);
        },
    });
}

async function enable(tunnel, peer, done) {
    try {
        const { warnings } = await patch(path(tunnel, peer), { body: { enabled: true } });
        await done();
        sayDone(["Enabled ", named(peer.name)], warnings);
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say(named(peer.name), " is not enabled: ", error.errors[0]?.detail ?? error.detail);
    }
}

/// A new key, after asking; then the new configuration. A preshared key is made anew too.
export function askToRotate(tunnel, peer, done) {
    confirm({
        title: "Rotate the key?",
        text: [
            h(
                "p", {}, "The present key of ", named(peer.name),
                " is dead at once, wherever it is. The device is cut off until it has its new configuration."),
            presence(peer),
        ],
        action: "Rotate key",
        run: async () => {
            const { data } = await post(`${path(tunnel, peer)}/rotate`);
            await done();
            say("Rotated the key of ", named(peer.name));
            return data;
        },
        after: (rotated) => {
            if (rotated.config) showOnce(tunnel, rotated, rotated.config);
            else if (may("vpn:secrets")) openConfiguration(tunnel, rotated);
        },
    });
}

export function askToDeletePeer(tunnel, peer, done) {
    confirm({
        title: "Delete the peer?",
        text: [
            h(
                "p", {}, named(peer.name),
                " is cut off at once, its address is free for others, and its keys are gone: they can't be had again."),
            presence(peer),
        ],
        action: "Delete peer",
        run: async () => {
            await remove(path(tunnel, peer));
            await done();
            say("Deleted the peer ", named(peer.name));
        },
    });
}

/// Whether somebody is there who is cut off; nothing if that is not known.
function presence(peer) {
    if (peer.state === "online") {
        return h("p", { class: "warning" }, `It is online: its last handshake was ${distance(peer.latest_handshake)}.`);
    }
    if (!peer.latest_handshake) return null;
    return h("p", {}, `It is not online: its last handshake was ${distance(peer.latest_handshake)}.`);
}

function path(tunnel, peer) {
    return `/vpn/wg/${tunnel.id}/peers/${peer.id}`;
}
