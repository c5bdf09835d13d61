/// How many readings are kept: five minutes, at one each 5 s.
const LENGTH = 60;

/// What each of many peers received and sent a second at the last readings, in a few flat arrays.
export class PeerRates {
    #capacity = 0;
    #received = [];
    #sent = [];
    #count = 0;
    #used = 0;
    #free = [];

    /// A place for one more peer.
    place() {
        const place = this.#free.pop() ?? this.#used++;
        if (place >= this.#capacity) this.#grow(Math.max(64, 2 * this.#capacity));
        for (let slot = 0; slot < LENGTH; slot += 1) this.#received[slot][place] = this.#sent[slot][place] = NaN;
        return place;
    }

    release(place) {
        this.#free.push(place);
    }

    /// Begins the next reading: of whom nothing is said, nothing is known.
    begin() {
        this.#count += 1;
        this.#received[this.#slot(0)]?.fill(NaN);
        this.#sent[this.#slot(0)]?.fill(NaN);
    }

    set(place, received, sent) {
        this.#received[this.#slot(0)][place] = received;
        this.#sent[this.#slot(0)][place] = sent;
    }

    /// `[received, sent]`, each the oldest first, null where nothing is known.
    of(place) {
        return [this.#line(this.#received, place), this.#line(this.#sent, place)];
    }

    #line(slots, place) {
        const line = [];
        for (let age = LENGTH - 1; age >= 0; age -= 1) {
            const value = slots[this.#slot(age)][place];
            line.push(Number.isNaN(value) ? null : value);
        }
        return line;
    }

    #slot(age) {
        return (((this.#count - age) % LENGTH) + LENGTH) % LENGTH;
    }

    #grow(capacity) {
        for (const slots of [this.#received, this.#sent]) {
            for (let slot = 0; slot < LENGTH; slot += 1) {
                const wider = new Float32Array(capacity).fill(NaN);
                if (slots[slot]) wider.set(slots[slot]);
                slots[slot] = wider;
            }
        }
        this.#capacity = capacity;
    }
}
