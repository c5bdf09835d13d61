/// The form of an association: what a choice makes meaningless is hidden, and is not sent.

import { get, patch, post, Problem } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { fill, h, named } from "../lib/element.js";
import { Form } from "../lib/form.js";
import { sayDone } from "../lib/notice.js";
import {
    authenticatesByItself, CIPHERS, HMACS, MODES, networksGiven, PROTOCOLS, spi, usesCipher, usesHMAC,
} from "./association-terms.js";

const KEYS = ["enc_key_in", "enc_key_out", "auth_key_in", "auth_key_out"];
const HINTS = {
    protocol: {
        esp: "What goes between the ends can neither be read nor changed on the way.",
        ah: "It can be read on the way, but not changed. It does not pass where addresses are translated (NAT).",
        "esp+ah": "The outer addresses are authenticated too. It does not pass where addresses are translated (NAT).",
    },
    mode: {
        tunnel: "Carries what goes between the networks behind the two ends.",
        transport: "Protects what the two ends say to each other, and nothing that is behind them.",
    },
};

/// Opens the form for a new association; `added(association)` is called when it is made.
export function openAdd(added) {
    const form = makeForm(null, {
        submit: "Add SA",
        cancel: () => dialog.close(),
        save: async (values) => {
            const { data, warnings } = await post("/vpn/ipsec", { body: given(values), key: form.key });
            dialog.close();
            await added(data);
            sayDone(["Added ", named(data.name)], warnings);
        },
    });
    const dialog = openDialog({
        title: "Add SA",
        body: [
            h(
                "p", { class: "hint" },
                "A security association with keys that both ends are given by hand. Such keys never expire by "
                + "themselves: where both ends can agree on keys on their own (IKE, as strongSwan has it), that is the "
                + "better choice."),
            form.element,
        ],
        isDirty: () => form.isDirty,
    });
    form.field("name").focus();
}

/// Opens the form for an association, as it is now; `saved()` is called when it was changed.
export function openEdit({ id, name }, saved) {
    let form = null;
    const content = h("div", {}, h("p", { class: "loading" }, "Loading…"));
    const dialog = openDialog({
        title: ["Edit ", named(name)], body: content, isDirty: () => form?.isDirty ?? false,
    });
    const problem = h("p", { class: "problem", role: "alert" });
    get(`/vpn/ipsec/${id}`).then(({ data: association, etag }) => {
        form = makeForm(association, {
            submit: "Save",
            cancel: () => dialog.close(),
            save: async () => {
                const { data, warnings } = await patch(`/vpn/ipsec/${id}`, { body: changed(form), etag });
                dialog.close();
                await saved();
                sayDone(["Saved ", named(data.name)], warnings);
            },
        });
        fill(
            content,
            h(
                "p", { class: "hint" },
                "Other ends, networks, algorithms, SPIs or keys, another protocol or mode: each breaks the traffic "
                + "until the far end has the same. Give it its configuration then."),
            form.element);
        form.field("name").focus();
    }).catch((error) => {
        if (!(error instanceof Problem)) throw error;
        fill(content, fill(problem, error.detail));
    });
}

function makeForm(association, { submit, cancel, save }) {
    const value = association ?? {
        protocol: "esp", mode: "tunnel", enc_algo: "aes-256-gcm", auth_algo: "hmac-sha256", replay_window: 0,
    };
    const hints = Object.fromEntries(
        ["protocol", "mode", "enc_algo", "auth_algo", ...KEYS].map((name) => [name, h("span")]));
    const networks = (end) => networksGiven(value[`${end}_networks`], value[`${end}_addr`])?.join(", ");
    const spiHint = association ? "Empty: another one is drawn by lot." : "Empty: drawn by lot.";
    const form = new Form({
        fields: [
            { name: "name", label: "Name", required: true, value: value.name },
            {
                name: "src_addr", label: "This end", required: true, value: value.src_addr,
                hint: "An address of this firewall's.", also: ["local_addr"],
            },
            {
                name: "dst_addr", label: "Far end", required: true, value: value.dst_addr,
                hint: "The other gateway's or host's address, of the same family.", also: ["remote_addr"],
            },
            {
                name: "protocol", label: "Protocol", type: "select", required: true, value: value.protocol,
                options: PROTOCOLS, hint: hints.protocol,
            },
            {
                name: "mode", label: "Mode", type: "select", required: true, value: value.mode, options: MODES,
                hint: hints.mode,
            },
            {
                name: "src_networks", label: "Networks at this end", value: networks("src"),
                hint: "Such as 10.1.0.0/16; several with commas. Empty: this end's address alone.",
            },
            {
                name: "dst_networks", label: "Networks at the far end", value: networks("dst"),
                hint: "Such as 10.2.0.0/16. Empty: the far end's address alone.",
            },
            {
                name: "enc_algo", label: "Cipher", type: "select", required: true, value: value.enc_algo,
                options: CIPHERS.map(([name]) => [name, name]), hint: hints.enc_algo,
            },
            {
                name: "auth_algo", label: "HMAC", type: "select", required: true, value: value.auth_algo,
                options: HMACS.map(([name]) => [name, name]), hint: hints.auth_algo,
            },
            ...(association ? [] : [{
                name: "enabled", label: "Enable it at once", type: "checkbox", value: true,
                hint: "What it carries is cut off until the far end has its configuration.",
            }]),
            {
                name: "spi_in", label: "SPI in", advanced: true, value: association && spi(value.spi_in),
                hint: `What names it in packets that come in: 0x… or a number from 256. ${spiHint}`,
            },
            {
                name: "spi_out", label: "SPI out", advanced: true, value: association && spi(value.spi_out),
                hint: `The same in packets that go out: the far end's SPI in. ${spiHint}`,
            },
            ...[["enc_key_in", "Cipher key in"], ["enc_key_out", "Cipher key out"], ["auth_key_in", "HMAC key in"],
                ["auth_key_out", "HMAC key out"]].map(([name, label]) => ({
                name, label, type: "password", advanced: true, hint: hints[name],
                attributes: { autocomplete: "off", autocapitalize: "off" },
            })),
            {
                name: "replay_window", label: "Replay window", type: "number", advanced: true,
                value: value.replay_window,
                hint: "How many packets, up to 32, one may be late by; what is later, or a repeat, is dropped. 0: off.",
            },
        ],
        more: "SPIs, keys, replay window",
        submit, cancel, save,
    });
    const follow = () => showWhatApplies(form, hints, association);
    for (const name of ["protocol", "mode", "enc_algo", "auth_algo"]) {
        form.field(name).control.addEventListener("change", follow);
    }
    follow();
    return form;
}

/// Hides the fields that the choices leave without a meaning, and says of the others what they mean now.
function showWhatApplies(form, hints, association) {
    const values = form.values;
    const { protocol, mode, enc_algo: cipher, auth_algo: hmac } = values;
    const [hasCipher, hasHMAC] = [usesCipher(values), usesHMAC(values)];
    const isShown = {
        src_networks: mode === "tunnel", dst_networks: mode === "tunnel",
        enc_algo: hasCipher, enc_key_in: hasCipher, enc_key_out: hasCipher,
        auth_algo: hasHMAC, auth_key_in: hasHMAC, auth_key_out: hasHMAC,
    };
    for (const [name, shown] of Object.entries(isShown)) form.field(name).element.hidden = !shown;
    fill(hints.protocol, HINTS.protocol[protocol]);
    fill(hints.mode, HINTS.mode[mode]);
    fill(
        hints.enc_algo, authenticatesByItself(cipher)
            ? "It authenticates by itself: ESP needs no HMAC with it."
            : "It does not authenticate: ESP needs an HMAC with it.");
    const isOfAH = protocol !== "esp";
    fill(hints.auth_algo, !isOfAH ? "What ESP authenticates by." : authenticatesByItself(cipher) || !hasCipher
        ? "What AH authenticates by." : "What AH and ESP authenticate by.");
    const bytes = {
        enc: CIPHERS.find(([name]) => name === cipher)[1], auth: HMACS.find(([name]) => name === hmac)[1],
    };
    for (const name of KEYS) {
        const kind = name.split("_")[0];
        const salt = kind === "enc" && authenticatesByItself(cipher) ? ", the last 8 its salt" : "";
        const length = `${2 * bytes[kind]} hexadecimal digits for ${kind === "enc" ? cipher : hmac}${salt}.`;
        fill(hints[name], `${length} ${association
            ? "Empty: it stays, but an algorithm that needs another length gets a new one."
            : "Empty: the firewall makes it."}`);
    }
}

/// What applies, and was filled in.
function given(values) {
    return Object.fromEntries(Object.entries(values).filter(
        ([name, value]) => applies(name, values) && value !== null && !isEmptyKey(name, value)));
}

/// What applies, and is not what it was.
function changed(form) {
    const values = form.values;
    return Object.fromEntries(
        Object.entries(form.changes).filter(([name, value]) => applies(name, values) && !isEmptyKey(name, value)));
}

function applies(name, values) {
    if (name.endsWith("_networks")) return values.mode === "tunnel";
    if (name.startsWith("enc_")) return usesCipher(values);
    if (name.startsWith("auth_")) return usesHMAC(values);
    return true;
}

function isEmptyKey(name, value) {
    return KEYS.includes(name) && value === "";
}
