import { serverNow } from "../lib/api.js";
import { PeerRates } from "./peer-rates.js";

/// The states of a peer, those first that one looks for.
export const STATES = ["online", "stale", "expired", "disabled", "never"];

/// `live` is the state in the words of the kernel's last reading, `isRead` whether there were counters in it.
const UNHEARD = {
    live: "never", handshake: 0, endpoint: null, received: 0, sent: 0, receiving: NaN, sending: NaN, isRead: false,
};

/// What is known of a tunnel's peers: what is stored of each, joined with what the kernel says of it.
///
/// A row: `id`, `peer` (as the API has it), `text` (what a search looks at), `state`, `handshake` and `expires`
/// (milliseconds since 1970; 0 for none), `endpoint` (where it was heard from), `received` and `sent` (bytes since the
/// interface was made), `receiving` and `sending` (bytes a second now; NaN where not known).
export class PeerRows {
    #rows = new Map();
    #rates = new PeerRates();
    #readAt = null;
    #isRunning = false;

    get all() {
        return [...this.#rows.values()];
    }

    get size() {
        return this.#rows.size;
    }

    has(id) {
        return this.#rows.has(id);
    }

    /// How many peers there are in each state.
    counts() {
        const counts = new Map(STATES.map((state) => [state, 0]));
        for (const row of this.#rows.values()) counts.set(row.state, counts.get(row.state) + 1);
        return counts;
    }

    /// `[received, sent]` of the last readings (``PeerRates/of(_:)``).
    rates(row) {
        return this.#rates.of(row.place);
    }

    /// Takes peers as they are stored.
    take(peers) {
        for (const peer of peers) {
            const row = this.#rows.get(peer.id) ?? this.#add(peer.id);
            row.peer = peer;
            row.expires = peer.expires_at ? Date.parse(peer.expires_at) : 0;
            row.text = `${peer.name}\n${peer.allowed_ips.join(" ")}\n${peer.public_key}`.toLowerCase();
            this.#judge(row);
        }
    }

    remove(id) {
        const row = this.#rows.get(id);
        if (!row) return;
        this.#rates.release(row.place);
        this.#rows.delete(id);
    }

    /// Removes whoever is not among `peers`.
    keepOnly(peers) {
        const there = new Set(peers.map((peer) => peer.id));
        for (const id of [...this.#rows.keys()]) {
            if (!there.has(id)) this.remove(id);
        }
    }

    /// Takes a tunnel's status, read at `time` (milliseconds of a clock that only goes forward).
    readStatus(status, time) {
        if (!status.running) {
            this.#stop();
            return;
        }
        const seconds = this.#isRunning ? (time - this.#readAt) / 1000 : NaN;
        this.#readAt = time;
        this.#isRunning = true;
        this.#rates.begin();
        for (const live of status.peers) {
            const row = this.#rows.get(live.id);
            if (row) this.#read(row, live, seconds);
        }
    }

    /// Takes a `handshake` event.
    readHandshakes(peers) {
        for (const { id, state, latest_handshake: handshake } of peers) {
            const row = this.#rows.get(id);
            if (!row) continue;
            row.handshake = handshake ? Date.parse(handshake) : 0;
            row.live = state;
            this.#judge(row);
        }
    }

    #add(id) {
        const row = { id, place: this.#rates.place(), ...UNHEARD };
        this.#rows.set(id, row);
        return row;
    }

    #read(row, live, seconds) {
        // Counters that are smaller than before have begun anew.
        const isKnown = row.isRead && live.transfer_rx >= row.received && live.transfer_tx >= row.sent;
        row.receiving = isKnown ? (live.transfer_rx - row.received) / seconds : NaN;
        row.sending = isKnown ? (live.transfer_tx - row.sent) / seconds : NaN;
        this.#rates.set(row.place, row.receiving, row.sending);
        row.isRead = true;
        row.received = live.transfer_rx;
        row.sent = live.transfer_tx;
        row.endpoint = live.endpoint;
        row.handshake = live.latest_handshake ? Date.parse(live.latest_handshake) : 0;
        row.live = live.state;
        this.#judge(row);
    }

    /// No interface: nobody is heard, and counters begin at 0 with the next.
    #stop() {
        this.#isRunning = false;
        this.#rates.begin();
        for (const row of this.#rows.values()) {
            Object.assign(row, UNHEARD);
            this.#judge(row);
        }
    }

    /// What is stored decides before what the kernel said a while ago.
    #judge(row) {
        if (!row.peer.enabled) row.state = "disabled";
        else if (row.expires && row.expires <= serverNow()) row.state = "expired";
        else row.state = ["disabled", "expired"].includes(row.live) ? "never" : row.live;
    }
}
