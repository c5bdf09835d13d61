import { all, get, Problem } from "../lib/api.js";
import { live } from "../lib/live.js";

/// So many single peers are read anew at once at the most; where more have changed, everything is.
const SINGLY = 20;
/// Changes are waited for that long, in milliseconds, to be read together.
const PAUSE = 1000;
/// The kernel's counters are read that often at the most, in milliseconds.
const PERIOD = 5000;
/// Reading takes no more than one part of so many of the time: the status of 10,000 peers is some MB.
const SHARE = 5;

/// Keeps ``PeerRows`` true: reads all, then what has changed, and the status while the tunnel runs and the page is
/// seen. `changed(isAll)` is called after each change; `isAll` says whether the list is whole.
export class PeerWatch {
    #view;
    #path;
    #id;
    #rows;
    #changed;
    #isWhole = false;
    #isRunning = false;
    #wanted = nothing();
    #reading = null;
    #timer = null;
    #statusTimer = null;
    #isReadingStatus = false;
    /// When everything may be read again by itself.
    #notBefore = 0;

    constructor(view, id, rows, changed) {
        this.#view = view;
        this.#id = id;
        this.#path = `/vpn/wg/${id}`;
        this.#rows = rows;
        this.#changed = changed;
        const signal = { signal: view.signal };
        live.addEventListener("change", (event) => this.#hear(event.detail), signal);
        live.addEventListener("reset", () => this.#want({ everything: true }), signal);
        live.addEventListener("handshake", (event) => this.#hearHandshakes(event.detail), signal);
        document.addEventListener("visibilitychange", () => this.#comeBack(), signal);
        view.signal.addEventListener("abort", () => {
            clearTimeout(this.#timer);
            clearTimeout(this.#statusTimer);
        });
    }

    /// Whether the tunnel has an interface, as the tunnel itself says.
    set isRunning(isRunning) {
        if (isRunning === this.#isRunning) return;
        this.#isRunning = isRunning;
        if (isRunning) {
            if (this.#isWhole) this.#readStatus();
        } else {
            clearTimeout(this.#statusTimer);
            this.#view.fault(null, null, "status");
            this.#rows.readStatus({ running: false }, 0);
            this.#changed(this.#isWhole);
        }
    }

    /// Reads everything; resolves when what is shown is later than the call.
    readAll() {
        this.#wanted.everything = true;
        return this.#flush();
    }

    /// The same for the peers that were made last.
    readNewest() {
        this.#wanted.newest = true;
        return this.#flush();
    }

    /// The same for one peer, and for what the kernel says of it.
    async read(id) {
        this.#wanted.ids.add(id);
        await this.#flush();
    }

    /// A peer is gone: the API has said so.
    forget(id) {
        this.#wanted.gone.add(id);
        this.#wanted.ids.delete(id);
        this.#rows.remove(id);
        this.#changed(this.#isWhole);
    }

    #hear({ action, object }) {
        if (action === "restore" || action === "import") this.#want({ everything: true });
        if (object?.type !== "peer") return;
        if (action === "delete") {
            if (this.#rows.has(object.id) || this.#reading) this.forget(object.id);
        } else if (this.#rows.has(object.id)) {
            this.#want({ id: object.id });
        } else if (action === "create") {
            // Of which tunnel it is, no event says.
            this.#want({ newest: true });
        }
    }

    #hearHandshakes({ tunnel, peers }) {
        if (tunnel.id !== this.#id) return;
        this.#rows.readHandshakes(peers);
        this.#changed(this.#isWhole);
    }

    #want({ everything = false, newest = false, id = null }) {
        this.#wanted.everything ||= everything;
        this.#wanted.newest ||= newest;
        if (id) this.#wanted.ids.add(id);
        this.#plan();
    }

    /// Reads what is wanted soon, but not while the page is not seen.
    #plan() {
        if (this.#timer || this.#reading || document.hidden || isNothing(this.#wanted)) return;
        const isMuch = this.#wanted.everything || this.#wanted.ids.size > SINGLY;
        const wait = Math.max(isMuch ? PAUSE : PAUSE / 10, isMuch ? this.#notBefore - performance.now() : 0);
        this.#timer = setTimeout(() => this.#flush(), wait);
    }

    #comeBack() {
        if (document.hidden) return;
        this.#plan();
        if (this.#isRunning && this.#isWhole) this.#readStatus();
    }

    /// Reads what is wanted, never twice at once: what is asked for meanwhile is read after it.
    async #flush() {
        clearTimeout(this.#timer);
        this.#timer = null;
        while (this.#reading) await this.#reading;
        if (this.#view.signal.aborted || isNothing(this.#wanted)) return;
        this.#reading = this.#readWanted();
        try {
            await this.#reading;
        } finally {
            this.#reading = null;
        }
        this.#plan();
    }

    async #readWanted() {
        const wanted = this.#wanted;
        this.#wanted = nothing();
        try {
            const isMuch = wanted.everything || wanted.ids.size > SINGLY;
            if (isMuch || !(await this.#readSome(wanted))) await this.#readList();
            this.#view.fault(null, null, "peers");
        } catch (error) {
            if (this.#view.signal.aborted || error.name === "AbortError") return;
            if (!(error instanceof Problem)) throw error;
            // That the tunnel is gone, the page of it says.
            if (error.status === 404) return;
            this.#view.fault(error, () => this.readAll(), "peers");
            this.#notBefore = performance.now() + PERIOD;
            this.#wanted.everything = true;
        }
    }

    async #readList() {
        const began = performance.now();
        // What is taken out meanwhile is noted in `gone`.
        const peers = await all(`${this.#path}/peers`, {
            signal: this.#view.signal,
            seen: (list) => {
                if (this.#isWhole) return;
                this.#take(list.slice(-1000));
                this.#changed(false);
            },
        });
        this.#take(peers);
        this.#rows.keepOnly(peers);
        for (const id of this.#wanted.gone) this.#rows.remove(id);
        this.#wanted.gone.clear();
        this.#notBefore = performance.now() + (SHARE - 1) * (performance.now() - began);
        const isFirst = !this.#isWhole;
        this.#isWhole = true;
        this.#changed(true);
        if (isFirst && this.#isRunning) this.#readStatus();
    }

    #take(peers) {
        this.#rows.take(peers.filter((peer) => !this.#wanted.gone.has(peer.id)));
    }

    /// False if there may be more than what was read.
    async #readSome({ newest, ids }) {
        const signal = this.#view.signal;
        if (newest) {
            const { json } = await get(`${this.#path}/peers`, { query: { sort: "-created_at", limit: 100 }, signal });
            const last = json.data.at(-1);
            if (json.next_cursor && last && !this.#rows.has(last.id)) return false;
            this.#take(json.data);
            if (json.total !== this.#rows.size) return false;
        }
        const there = [...ids].filter((id) => this.#rows.has(id) && !this.#wanted.gone.has(id));
        await Promise.all(there.map(async (id) => {
            try {
                this.#take([(await get(`${this.#path}/peers/${id}`, { signal })).data]);
            } catch (error) {
                if (!(error instanceof Problem && error.status === 404)) throw error;
                this.#rows.remove(id);
            }
        }));
        this.#changed(this.#isWhole);
        return true;
    }

    async #readStatus() {
        clearTimeout(this.#statusTimer);
        if (this.#view.signal.aborted || document.hidden || !this.#isRunning || this.#isReadingStatus) return;
        this.#isReadingStatus = true;
        const began = performance.now();
        try {
            const { json } = await get(`${this.#path}/status`, { signal: this.#view.signal });
            this.#view.fault(null, null, "status");
            // It may have been stopped meanwhile.
            if (this.#isRunning) {
                this.#rows.readStatus(json, began);
                this.#changed(this.#isWhole);
            }
        } catch (error) {
            if (this.#view.signal.aborted || error.name === "AbortError") return;
            if (!(error instanceof Problem)) throw error;
            // That the tunnel is gone, the page of it says.
            if (error.status !== 404 && this.#isRunning) {
                this.#view.fault(error, () => this.#readStatus(), "status");
            }
        } finally {
            this.#isReadingStatus = false;
        }
        const wait = Math.max(PERIOD, (SHARE - 1) * (performance.now() - began));
        this.#statusTimer = setTimeout(() => this.#readStatus(), wait);
    }
}

function nothing() {
    return { everything: false, newest: false, ids: new Set(), gone: new Set() };
}

function isNothing({ everything, newest, ids }) {
    return !everything && !newest && ids.size === 0;
}
