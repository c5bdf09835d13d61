/// A tunnel as a form: a new one, or one that there is.

import { all, get, patch, post, Problem } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { sayDone } from "../lib/notice.js";
import { go } from "../lib/router.js";
import { nextAddress, nextInterface, nextPort } from "./tunnel-defaults.js";

/// Opens it. `tunnel`: the one to edit, which is read anew; null for a new one, whose page is shown when it is made.
/// `done(saved)` is waited for after an edit.
export function openTunnelForm(tunnel, done) {
    const place = h("div");
    let form = null;
    const dialog = openDialog({
        title: tunnel ? ["Edit ", named(tunnel.name)] : "Add tunnel", body: place,
        isDirty: () => form?.isDirty ?? false,
    });

    async function load() {
        fill(place, h("p", { class: "quiet" }, "Loading…"));
        try {
            form = tunnel ? await edit(tunnel, dialog, done) : await addition(dialog);
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            fill(
                place, h("p", { class: "problem", role: "alert" }, error.detail),
                h("div", { class: "actions" }, h("button", { type: "button", onclick: load }, "Try again")));
            return;
        }
        if (!dialog.element.open) return;
        fill(place, form.element);
        form.field("name").focus();
    }

    load();
}

async function addition(dialog) {
    const tunnels = await all("/vpn/wg");
    const start = {
        interface: nextInterface(tunnels), listen_port: nextPort(tunnels), address: nextAddress(tunnels), routes: true,
    };
    return new Form({
        fields: [
            ...identity(start, true),
            {
                name: "enabled", label: "Start it at once", type: "checkbox", value: true,
                hint: "Else it is down until you start it.",
            },
            ...rest(start, true),
        ],
        submit: "Add tunnel",
        cancel: () => dialog.close(),
        save: async (values, form) => {
            const said = Object.entries(values).filter(([, value]) => value !== null);
            const { data, warnings } = await post("/vpn/wg", { body: Object.fromEntries(said), key: form.key });
            go(`/wireguard/${data.id}`);
            sayDone(["Added the tunnel ", named(data.name)], warnings);
        },
    });
}

async function edit({ id }, dialog, done) {
    const { data: tunnel, etag } = await get(`/vpn/wg/${id}`);
    return new Form({
        fields: [...identity(tunnel, false), ...rest(tunnel, false)],
        submit: "Save changes",
        cancel: () => dialog.close(),
        save: async (_, form) => {
            const { data, warnings } = await patch(`/vpn/wg/${id}`, { body: form.changes, etag });
            dialog.close();
            await done(data);
            sayDone(["Saved ", named(data.name)], warnings);
        },
    });
}

function identity(tunnel, isNew) {
    const anew = isNew ? "" : " Configurations that clients have name it: they need new ones if you change it.";
    return [
        {
            name: "name", label: "Name", value: tunnel.name, required: true,
            hint: "What you call it: office-vpn, phones.",
        },
        {
            name: "interface", label: "Interface", value: tunnel.interface, required: true,
            hint: isNew
                ? "The network interface that it gets on this firewall: wg0 to wg9999."
                : "Can be changed only while the tunnel is stopped.",
        },
        {
            name: "listen_port", label: "Port", type: "number", value: tunnel.listen_port, required: true,
            hint: `The UDP port that clients connect to; it is opened here while the tunnel is up.${anew}`,
        },
        {
            name: "address", label: "Address", value: tunnel.address, required: true,
            hint: "The firewall's own address in the tunnel, with the network's length; peers get the others. "
                + "With IPv6 too: 10.0.0.1/24, fd00::1/64",
        },
    ];
}

function rest(tunnel, isNew) {
    const fields = [
        {
            name: "endpoint", label: "Endpoint", value: tunnel.endpoint, attributes: { placeholder: "vpn.example.org" },
            hint: "The name or address by which clients reach this firewall. With a port, if theirs is another one.",
        },
        {
            name: "dns", label: "DNS", value: tunnel.dns, attributes: { placeholder: "10.0.0.1" },
            hint: "The DNS servers, and search domains, that clients use while they are connected.",
        },
        {
            name: "split_routes", label: "Split routes", value: tunnel.split_routes,
            attributes: { placeholder: "172.29.0.0/16, 10.0.0.0/8" },
            hint: "The networks that go through the tunnel in a split configuration. Empty: the tunnel's own.",
        },
        {
            name: "mtu", label: "MTU", type: "number", value: tunnel.mtu, attributes: { placeholder: "1420" },
            hint: "The largest packet in the tunnel, 576 to 65535 bytes. Empty: 1420, which fits nearly everywhere.",
        },
        {
            name: "masquerade", label: "Masquerade", type: "checkbox", value: tunnel.masquerade,
            hint: "What peers send elsewhere gets this firewall's address, so that answers find the way back.",
        },
        {
            name: "listen_interface", label: "Listen interface", value: tunnel.listen_interface,
            attributes: { placeholder: "eth0" },
            hint: "The port is open on this network interface only. Empty: on all.",
        },
        {
            name: "fwmark", label: "Firewall mark", value: tunnel.fwmark, attributes: { placeholder: "0xca6c" },
            hint: "A number on the encrypted packets, for rules and routes of your own (fwmark).",
        },
        {
            name: "routes", label: "Install routes", type: "checkbox", value: tunnel.routes,
            hint: "Networks of peers outside the tunnel's own are routed to it. A default route is never installed.",
        },
        {
            name: "allow_overlap", label: "Allow overlapping networks", type: "checkbox",
            hint: isNew
                ? "Its networks may be a part of another tunnel's. Else that is refused."
                : "For a new address that is a part of another tunnel's network. What was allowed before stays so.",
        },
    ];
    return fields.map((field) => ({ ...field, advanced: true }));
}
