/// What a peer's device imports: as a QR code, a file, or text.

import { get, may, Problem } from "../lib/api.js";
import { fileName } from "../lib/clipboard.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named, uniqueID } from "../lib/element.js";
import { live } from "../lib/live.js";
import { secretText } from "../lib/secret-text.js";

/// Shows a peer's configuration. Each look stands in the audit log, so only what is asked for is fetched, and once.
/// What is shown goes when the peer or the tunnel is changed, or the session ends.
export function openConfiguration(tunnel, peer) {
    const closed = new AbortController();
    /// Ends the requests that are under way.
    let end = new AbortController();
    const path = `/vpn/wg/${tunnel.id}/peers/${peer.id}/config`;
    const answers = new Map();
    const picture = h("div", { class: "qr", "aria-live": "polite" });
    const problem = h("div", { class: "config-problem", role: "alert" });
    let kind = "full";
    let address = null;

    /// One answer for each kind and form; one that failed is asked for again.
    function fetchOnce(suffix, options) {
        const key = `${kind}${suffix}`;
        if (!answers.has(key)) {
            const query = { split_tunnel: kind === "split" };
            const answer = get(path + suffix, { query, as: "blob", signal: end.signal, ...options });
            answer.catch(() => { if (answers.get(key) === answer) answers.delete(key); });
            answers.set(key, answer);
        }
        return answers.get(key);
    }

    async function showPicture() {
        const [asked, { signal }] = [kind, end];
        fill(problem);
        tools.element.hidden = choice.hidden = hint.hidden = false;
        forget();
        fill(picture, h("p", { class: "quiet" }, "Loading…"));
        try {
            const { data } = await fetchOnce("/qr", { accept: "image/svg+xml" });
            if (asked !== kind || signal.aborted) return;
            address = URL.createObjectURL(data);
            fill(picture, h("img", { src: address, alt: `QR code of the configuration of ${peer.name}` }));
        } catch (error) {
            if (asked !== kind || error.name === "AbortError") return;
            fill(picture);
            show(error);
        }
    }

    function show(error) {
        if (!(error instanceof Problem)) throw error;
        fill(problem, whatToDo(error, tunnel, peer, showPicture, (saved) => {
            tunnel = saved;
            return showPicture();
        }));
        choice.hidden = hint.hidden = error.code === "key-not-kept";
        tools.element.hidden = ["key-not-kept", "no-endpoint", "forbidden"].includes(error.code);
    }

    function forget() {
        if (address) URL.revokeObjectURL(address);
        address = null;
    }

    /// Another is not asked for by itself: each look is in the audit log.
    function withdraw(words) {
        answers.clear();
        tools.reset();
        forget();
        fill(picture);
        fill(problem, h("p", { class: "warning" }, words), button("Show again", showPicture));
    }

    /// What was shown, or is on its way, may let nobody in any more.
    function drop(words) {
        end.abort();
        end = new AbortController();
        withdraw(words);
    }

    function hear({ action, time, object }) {
        const known = [peer, tunnel].find((one) => one.id === object?.id);
        if (known && action === "delete") dialog.close();
        else if (known ? isChange(action, time, known) : !object && action === "restore") {
            drop("It was changed: ask for it again.");
        }
    }

    const tools = secretText({
        fetch: async () => {
            const { data, response } = await fetchOnce("", { accept: "text/plain" });
            return { content: data, name: fileName(response, "peer.conf") };
        },
        failed: (error) => { if (error.name !== "AbortError") show(error); },
    });
    const choice = kinds(tunnel, peer, (chosen) => {
        kind = chosen;
        tools.reset();
        showPicture();
    });
    const hint = h(
        "p", { class: "hint" }, "It holds the private key: who has it, is this peer. Each look is in the audit log.");
    const dialog = openDialog({
        title: ["Configuration of ", named(peer.name)],
        wide: true,
        onClose: () => {
            closed.abort();
            end.abort();
            forget();
            answers.clear();
        },
        body: h("div", { class: "config" }, picture, h("div", {}, choice, problem, tools.element, hint)),
    });
    live.addEventListener("change", (event) => hear(event.detail), { signal: closed.signal });
    live.addEventListener(
        "reset", () => drop("It may have been changed meanwhile: ask for it again."), { signal: closed.signal });
    // A request that has found that the session has ended is made again after the log-in.
    document.addEventListener("session-ended", () => {
        answers.clear();
        if (address) withdraw("The session had ended: ask for it again.");
    }, { signal: closed.signal });
    showPicture();
    return dialog;
}

/// Whether what was done at that time may have changed the configuration of what is `known`, a peer or its tunnel.
function isChange(action, time, known) {
    return action !== "start" && action !== "stop" && Date.parse(time) > Date.parse(known.updated_at);
}

/// Shows a configuration that no later answer has: its private key is not kept.
export function showOnce(tunnel, peer, text) {
    let isTaken = false;
    const content = new Blob([text], { type: "text/plain" });
    const name = `${peer.name.replace(/[/\\]/g, "-").replace(/^\./, "-")}.conf`;
    const tools = secretText({
        fetch: async () => {
            isTaken = true;
            return { content, name };
        },
    });
    openDialog({
        title: ["Configuration of ", named(peer.name)],
        isDirty: () => !isTaken,
        loss: "The configuration was neither downloaded nor copied, and can't be shown again.",
        stay: "Go back",
        body: [
            h(
                "p", {}, h("strong", {}, "This is the only time that it can be seen."),
                " Its private key is not kept here."),
            h("p", {}, "It routes all traffic of the device through ", named(tunnel.name), "."),
            tools.element,
        ],
    });
}

/// The two kinds, as a choice; `changed(kind)` is called with "full" or "split".
function kinds(tunnel, peer, changed) {
    const name = uniqueID("kind");
    const routes = peer.client_routes || tunnel.split_routes;
    const choice = (kind, label, words) => {
        const [title, note] = [uniqueID("kind"), uniqueID("kind")];
        return h(
            "label", { class: "choice" },
            h("input", {
                type: "radio", name, value: kind, checked: kind === "full", "aria-labelledby": title,
                "aria-describedby": note, onchange: () => changed(kind),
            }),
            h("span", {}, h("span", { id: title }, label), h("small", { id: note }, words)));
    };
    return h(
        "fieldset", { class: "field" }, h("legend", {}, "What goes through the tunnel"),
        h(
            "div", { class: "choices" },
            choice("full", "All traffic", "Full tunnel: the device reaches everything through this firewall."),
            choice(
                "split", "Only these networks",
                `Split tunnel: ${routes || "the tunnel's own"}. All else goes the device's usual way.`)));
}

/// A problem in the API's words, and what can be done about it; `saved(tunnel)` is waited for when the tunnel was
/// edited.
function whatToDo(problem, tunnel, peer, retry, saved) {
    const words = h("p", { class: "problem" }, sentence(problem.errors[0]?.detail ?? problem.detail));
    switch (problem.code) {
    case "no-endpoint":
        return [
            words,
            may("vpn:write") && button("Set the tunnel's endpoint", async () => {
                const { openTunnelForm } = await import("./tunnel-form.js");
                openTunnelForm(tunnel, saved);
            }),
        ];
    case "key-not-kept":
        return [words, h("p", {}, "What its owner needs of this end:"), thisEnd(tunnel, peer)];
    case "configuration-too-large":
        return words;
    case "forbidden":
        return [words, h("p", {}, "Who administers this firewall can give you the right to hand out configurations.")];
    default:
        return [words, button("Try again", retry)];
    }
}

function thisEnd(tunnel, peer) {
    return h(
        "dl", {},
        h("dt", {}, "Its address"), h("dd", { class: "code" }, peer.allowed_ips.join(", ")),
        h("dt", {}, "Public key"), h("dd", { class: "code" }, tunnel.public_key),
        h("dt", {}, "Endpoint"),
        h("dd", { class: "code" }, tunnel.endpoint ?? `this firewall's address, port ${tunnel.listen_port}`));
}

function button(label, act) {
    return h("div", { class: "actions" }, h("button", { type: "button", onclick: act }, label));
}

function sentence(text) {
    return `${text[0].toUpperCase()}${text.slice(1)}`;
}
