/// Rates out of totals that are read again and again.

/// How many rates are kept.
const LENGTH = 24;
/// Two readings are this far apart at least, in milliseconds.
const SHORTEST = 3000;
/// Totals are some seconds old when they are read: what has not grown for less than this may have.
const PATIENCE = 7500;

/// What flows now, and a moment ago, by totals of bytes.
export class Meter {
    #known = new Map();

    /// Takes the totals of `key` as they were just read.
    take(key, received, sent) {
        const time = performance.now();
        const last = this.#known.get(key);
        if (!last || received < last.received || sent < last.sent) {
            this.#known.set(key, { time, received, sent, rates: last?.rates ?? [] });
            return;
        }
        const passed = time - last.time;
        const isSame = received === last.received && sent === last.sent;
        if (passed < (isSame ? PATIENCE : SHORTEST)) return;
        const perSecond = (bytes) => bytes * 1000 / passed;
        const rate = { received: perSecond(received - last.received), sent: perSecond(sent - last.sent) };
        this.#known.set(key, { time, received, sent, rates: [...last.rates, rate].slice(-LENGTH) });
    }

    /// Forgets all others.
    keep(keys) {
        const kept = new Set(keys);
        for (const key of this.#known.keys()) {
            if (!kept.has(key)) this.#known.delete(key);
        }
    }

    /// `{received, sent}` in bytes a second; null before there were two readings.
    now(key) {
        return this.#known.get(key)?.rates.at(-1) ?? null;
    }

    /// `[received, sent]`, lists of one length, oldest first and null before the first: for ``sparkline(_:_:)``.
    lately(key) {
        const rates = this.#known.get(key)?.rates ?? [];
        const before = new Array(LENGTH - rates.length).fill(null);
        return [[...before, ...rates.map((one) => one.received)], [...before, ...rates.map((one) => one.sent)]];
    }
}
