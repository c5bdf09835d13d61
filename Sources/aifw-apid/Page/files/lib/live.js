/// The event stream: what changes, as it changes.
///
/// Dispatches `change`, `status`, `handshake` (their `detail` is the event's data), `reset` (anything may have changed:
/// after each time without a stream too) and `state`. A stream that breaks is opened again, later each time, up to half
/// a minute.

import { checkCaller, Problem } from "./api.js";

class Live extends EventTarget {
    /// `off`, `connecting`, `live` or `broken`.
    state = "off";
    /// When the next attempt is, in milliseconds since 1970; null while there is a stream.
    nextAttempt = null;
    #source = null;
    #lastID = null;
    #failures = 0;
    #timer = null;

    constructor() {
        super();
        addEventListener("online", () => this.retry());
        // Where the network has become silent, the stream itself never says that it is broken.
        document.addEventListener("no-answer", () => {
            if (this.state === "live" || this.state === "connecting") this.#broke();
        });
    }

    start() {
        this.stop();
        this.#open();
    }

    stop() {
        this.#source?.close();
        this.#source = null;
        clearTimeout(this.#timer);
        this.#failures = 0;
        this.#turn("off");
    }

    /// Tries at once.
    retry() {
        if (this.state !== "broken") return;
        clearTimeout(this.#timer);
        this.nextAttempt = Date.now();
        this.#again();
    }

    #open() {
        const query = this.#lastID ? `?last_event_id=${encodeURIComponent(this.#lastID)}` : "";
        const source = new EventSource(`/api/v1/events${query}`);
        this.#source?.close();
        this.#source = source;
        if (this.#failures === 0) this.#turn("connecting");
        source.onopen = () => {
            const returned = this.#failures > 0;
            this.#failures = 0;
            this.#turn("live");
            if (returned) this.dispatchEvent(new CustomEvent("reset"));
        };
        source.onerror = () => {
            if (source === this.#source) this.#broke();
        };
        for (const name of ["change", "status", "handshake", "reset"]) {
            source.addEventListener(name, (event) => {
                if (event.lastEventId) this.#lastID = event.lastEventId;
                this.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(event.data) }));
            });
        }
    }

    #broke() {
        this.#source.close();
        clearTimeout(this.#timer);
        this.#failures += 1;
        const wait = Math.min(30, 2 ** this.#failures) * 1000;
        this.nextAttempt = Date.now() + wait;
        this.#turn("broken");
        this.#timer = setTimeout(() => this.#again(), wait);
    }

    /// An `EventSource` does not say why it failed: a request does, and has a session that has ended renewed.
    async #again() {
        try {
            await checkCaller();
        } catch (error) {
            if (this.state === "broken") this.#broke();
            // Such as an answer that is no JSON, of a proxy on the way.
            if (!(error instanceof Problem)) throw error;
            return;
        }
        if (this.state === "broken") this.#open();
    }

    #turn(state) {
        this.state = state;
        if (state !== "broken") this.nextAttempt = null;
        this.dispatchEvent(new CustomEvent("state", { detail: state }));
    }
}

export const live = new Live();
