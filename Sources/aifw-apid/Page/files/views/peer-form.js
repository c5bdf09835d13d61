/// The form of a peer. A new one needs a name only.

import { get, may, patch, post, Problem, serverNow } from "../lib/api.js";
import { oneAtATime, openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { say, sayDone } from "../lib/notice.js";
import { openConfiguration, showOnce } from "./peer-config.js";

const DAY = 86_400_000;
const SPANS = [["1 day", DAY], ["1 week", 7 * DAY], ["30 days", 30 * DAY], ["Never", null]];
/// What stands in a device's configuration too.
const DEVICE = ["allowed_ips", "persistent_keepalive", "preshared_key", "client_routes"];

/// Opens the form: of a new peer where `peer` is null. `done()` shows what has become of it.
export function openPeerForm(tunnel, peer, done) {
    if (peer) return openEdit(tunnel, peer, done);
    const next = h("span");
    const form = new Form({
        more: "More settings: address, keys, expiry, routes",
        fields: fields(tunnel, null, next),
        submit: "Add peer",
        cancel: () => dialog.close(),
        save: async (values) => {
            const { data, warnings } = await post(
                `/vpn/wg/${tunnel.id}/peers`, { body: newPeer(values), key: form.key });
            dialog.close();
            if (data.config) showOnce(tunnel, data, data.config);
            else if (data.has_private_key && may("vpn:secrets")) openConfiguration(tunnel, data);
            await done();
            sayDone(["Added the peer ", named(data.name)], warnings);
        },
    });
    furnish(form, true);
    const dialog = openDialog({
        title: ["Add a peer to ", named(tunnel.name)], body: form.element, isDirty: () => form.isDirty,
    });
    form.field("name").focus();
    showNextAddress(tunnel, next);
    return dialog;
}

const openEdit = oneAtATime(async (tunnel, peer, done) => {
    const path = `/vpn/wg/${tunnel.id}/peers/${peer.id}`;
    try {
        const { data, etag } = await get(path);
        showEdit(tunnel, data, etag, path, done);
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say(named(peer.name), " can't be edited: ", error.detail);
    }
});

function showEdit(tunnel, peer, etag, path, done) {
    const form = new Form({
        fields: fields(tunnel, peer),
        submit: "Save changes",
        cancel: () => dialog.close(),
        save: async (values) => {
            const body = changes(form, values);
            if (Object.keys(body).length === 0) {
                dialog.close();
                return;
            }
            const { data, warnings } = await patch(path, { body, etag });
            dialog.close();
            await done();
            const isDevices = data.has_private_key && DEVICE.some((name) => name in body);
            const hint = "The device needs its new configuration for that.";
            sayDone(["Saved the peer ", named(data.name)], isDevices ? [...warnings, hint] : warnings);
        },
    });
    furnish(form, false);
    const dialog = openDialog({
        title: ["Edit ", named(peer.name)], body: form.element, isDirty: () => form.isDirty,
    });
    form.field("name").focus();
}

function fields(tunnel, peer, next = null) {
    const isNew = peer === null;
    return [
        {
            name: "name", label: "Name", required: true, value: peer?.name,
            hint: "The device, or who has it: laptop, Anna's phone.",
        },
        {
            name: "allowed_ips", label: "Addresses", advanced: isNew, required: !isNew,
            value: peer?.allowed_ips.join(", "),
            hint: isNew
                ? ["Empty: the next free one", next, ". Several, and networks behind the peer, with commas."]
                : "Its own, and networks behind it, with commas.",
        },
        {
            name: "persistent_keepalive", label: "Keepalive", type: "number", advanced: isNew,
            value: isNew ? 25 : peer.persistent_keepalive,
            hint: "Seconds between signs of life, so that routers on the way keep the way back open. 25 suits most. "
                + "Empty: none.",
        },
        {
            name: "expires_at", label: "Expires", type: "time", advanced: isNew, value: peer?.expires_at,
            hint: "When it is cut off by itself, in this browser's time zone. Empty: never.",
        },
        ...keyFields(isNew, peer),
        {
            name: "client_routes", label: "Routes of the device", advanced: true, value: peer?.client_routes,
            hint: "What its split configuration sends through the tunnel. Empty: "
                + `${tunnel.split_routes ?? "the tunnel's own networks"}.`,
        },
        {
            name: "endpoint", label: "Endpoint", advanced: true, value: peer?.endpoint,
            hint: "Where the peer is called, host:port, if it is not to call first. Empty for laptops and phones.",
        },
        {
            name: "allow_overlap", label: "Its addresses may overlap another peer's", type: "checkbox", advanced: true,
            hint: "WireGuard gives what is sent there to the one whose prefix is the longest.",
        },
    ];
}

function keyFields(isNew, peer) {
    const choices = isNew
        ? [["auto", "Made here"], ["none", "None"], ["own", "This one:"]]
        : [
            ["keep", peer.has_preshared_key ? "As it is" : "None"], ["auto", "A new one, made here"],
            ...(peer.has_preshared_key ? [["none", "None from now on"]] : []), ["own", "This one:"],
        ];
    return [
        {
            name: "preshared", label: "Preshared key", type: "select", advanced: true, options: choices, required: true,
            value: choices[0][0],
            hint: "A second secret, so that what is recorded today stays closed to the computers of tomorrow.",
        },
        {
            name: "preshared_key", label: "The preshared key", type: "password", advanced: true, required: true,
            hint: "As wg genpsk makes them.", attributes: { autocomplete: "off" },
        },
        {
            name: "public_key", label: "Public key", advanced: true, required: !isNew, value: peer?.public_key,
            hint: isNew
                ? "Of a device that made its own keys: none are made here then, and there is nothing to download."
                : "Another one cuts off who has the present one, and the private key that is kept here goes with it.",
        },
        ...(isNew && may("vpn:secrets") ? [{
            name: "is_forgotten", label: "Do not keep the private key", type: "checkbox", advanced: true,
            also: ["keep_private_key"],
            hint: "Its configuration is shown once, right after it is added, and never again.",
        }] : []),
    ];
}

/// What depends on what was chosen, and short cuts.
function furnish(form, isNew) {
    const [choice, preshared, key] = ["preshared", "preshared_key", "public_key"].map((name) => form.field(name));
    const update = () => { preshared.element.hidden = choice.value !== "own"; };
    let isChosen = false;
    choice.control.addEventListener("change", () => {
        isChosen = true;
        update();
    });
    update();
    // A preshared key that is made here reaches the device by its configuration: who made a key there gets none.
    key.control.addEventListener("input", () => {
        if (isNew && !isChosen) choice.value = key.value === null ? "auto" : "none";
    });
    const expiry = form.field("expires_at");
    expiry.element.append(h(
        "div", { class: "actions quick", role: "group", "aria-label": "Expires in" },
        SPANS.map(([words, span]) => h("button", {
            type: "button",
            onclick: () => { expiry.value = span ? new Date(serverNow() + span).toISOString() : null; },
        }, words))));
}

function newPeer({ preshared, preshared_key, is_forgotten, ...values }) {
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== false));
    if (preshared !== "none") body.preshared_key = preshared === "own" ? preshared_key : "auto";
    if (is_forgotten) body.keep_private_key = false;
    return body;
}

function changes(form, { preshared, preshared_key }) {
    const body = form.changes;
    delete body.preshared;
    delete body.preshared_key;
    if (preshared === "auto") body.preshared_key = "auto";
    if (preshared === "none") body.preshared_key = null;
    if (preshared === "own") body.preshared_key = preshared_key;
    return body;
}

/// Says in `hint` which addresses a new peer would get now: one of each family that the tunnel has.
async function showNextAddress(tunnel, hint) {
    const families = [...new Set(tunnel.address.split(",").map((one) => (one.includes(":") ? 6 : 4)))];
    try {
        const answers = await Promise.all(families.map((family) => get(
            `/vpn/wg/${tunnel.id}/peers/next-ip`, { query: { family } })));
        fill(hint, `, now ${answers.map(({ json }) => json.next_ip).join(" and ")}`);
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        fill(hint, `, but ${error.errors[0]?.detail ?? error.detail}`);
    }
}
