/// What is done to a tunnel beside editing it: for the list, and for the tunnel's own page.

import { get, post, Problem, remove } from "../lib/api.js";
import { confirm, openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { say, sayDone } from "../lib/notice.js";
import { count } from "../lib/words.js";

/// Starts the tunnel, then waits for `done()`. What goes wrong is told in a dialog.
export async function startTunnel(tunnel, done) {
    try {
        const { warnings } = await post(`/vpn/wg/${tunnel.id}/start`);
        await done();
        sayDone(["Started ", named(tunnel.name)], warnings);
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        tell(["Not started: ", named(tunnel.name)], error);
    }
}

/// Asks, says who is cut off, and stops the tunnel; then waits for `done()`.
export function askToStop(tunnel, done) {
    confirm({
        title: "Stop the tunnel?",
        text: [
            connected(tunnel, "are cut off until it is started again"),
            h("p", {}, named(tunnel.name), ` is kept, with its peers. Its port ${tunnel.listen_port} is closed.`),
        ],
        action: "Stop tunnel",
        run: async () => {
            await post(`/vpn/wg/${tunnel.id}/stop`);
            await done();
            say("Stopped ", named(tunnel.name));
        },
    });
}

/// Asks, says who is cut off, and deletes the tunnel; then waits for `done()`.
export function askToDelete(tunnel, done) {
    confirm({
        title: "Delete the tunnel?",
        text: [
            connected(tunnel, "are cut off"),
            h(
                "p", {}, named(tunnel.name), " is deleted with its key and its peers. The configurations that they ",
                "have never work again, even if you add the same tunnel anew."),
        ],
        action: "Delete tunnel",
        run: async () => {
            await remove(`/vpn/wg/${tunnel.id}`);
            await done();
            say("Deleted the tunnel ", named(tunnel.name));
        },
    });
}

/// How many peers there are, and how many of them are online: known in a moment, for the kernel is asked.
function connected(tunnel, fate) {
    const words = h("p", { "aria-live": "polite" }, "Looking who is connected…");
    const look = async () => {
        try {
            const { data: status } = await get(`/vpn/wg/${tunnel.id}/status`);
            fill(words, sentence(tunnel, status, fate));
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            const peers = count(tunnel.peer_count, "peer");
            fill(words, `It has ${peers}; who is connected is not known: ${error.detail}`);
        }
    };
    look();
    return words;
}

function sentence(tunnel, status, fate) {
    if (!status.running) {
        return `It is not running, so nobody is connected. It has ${count(tunnel.peer_count, "peer")}.`;
    }
    if (status.peers.length === 0) return "It has no peers, so nobody is cut off.";
    const online = status.peers.filter((peer) => peer.state === "online").length;
    const peers = count(status.peers.length, "peer");
    return [h("strong", {}, `${peers}, of which ${online} ${online === 1 ? "is" : "are"} online now`), `, ${fate}.`];
}

function tell(title, problem) {
    const dialog = openDialog({
        title,
        body: [
            h("p", { class: "problem", role: "alert" }, problem.detail),
            h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
        ],
    });
}
