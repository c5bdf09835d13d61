/// Tables as spreadsheets write them (RFC 4180), read strictly: nothing is guessed, everything that is wrong is told.

/// `{records, faults}`: of each line that can be read `{line, fields}`, of each that can't `{line, detail}`. Lines are
/// counted from 1; a field in quotes may have line ends in it, and its record stands at the line where it begins. Lines
/// with nothing in them are left out, and so is a byte order mark.
export function parseCSV(text, separator = ",") {
    const reader = new Reader(text.startsWith("\uFEFF") ? text.slice(1) : text, separator);
    const [records, faults] = [[], []];
    while (!reader.isAtEnd) {
        const line = reader.line;
        try {
            const fields = reader.record();
            if (fields.length > 1 || fields[0] !== "") records.push({ line, fields });
        } catch (error) {
            if (!(error instanceof Fault)) throw error;
            faults.push({ line: reader.line, detail: error.message });
            reader.skipLine();
        }
    }
    return { records, faults };
}

class Fault extends Error {}

class Reader {
    line = 1;
    #text;
    #separator;
    #place = 0;

    constructor(text, separator) {
        this.#text = text;
        this.#separator = separator;
    }

    get isAtEnd() {
        return this.#place >= this.#text.length;
    }

    record() {
        const fields = [];
        do {
            fields.push(this.#text[this.#place] === '"' ? this.#quoted() : this.#plain());
        } while (this.#takeSeparator());
        this.#takeLineEnd();
        return fields;
    }

    skipLine() {
        while (!this.#isLineEnd()) this.#place += 1;
        this.#takeLineEnd();
    }

    #plain() {
        const start = this.#place;
        while (!this.#isLineEnd() && this.#text[this.#place] !== this.#separator) {
            if (this.#text[this.#place] === '"') {
                throw new Fault("has a quote inside a field: put the whole field in quotes, and double those inside");
            }
            this.#place += 1;
        }
        return this.#text.slice(start, this.#place);
    }

    #quoted() {
        let value = "";
        let start = this.#place + 1;
        for (;;) {
            const end = this.#text.indexOf('"', start);
            if (end < 0) {
                // All that follows would belong to it.
                this.#place = this.#text.length;
                throw new Fault("begins a field with a quote that is never closed");
            }
            value += this.#text.slice(start, end);
            this.#place = end + 1;
            if (this.#text[this.#place] !== '"') break;
            value += '"';
            start = this.#place + 1;
        }
        if (!this.#isLineEnd() && this.#text[this.#place] !== this.#separator) {
            throw new Fault("has text behind a closing quote: a quote inside a field is written twice");
        }
        this.line += value.split(/\r\n|\r|\n/).length - 1;
        return value;
    }

    #isLineEnd() {
        const next = this.#text[this.#place];
        return next === "\n" || next === "\r" || next === undefined;
    }

    #takeSeparator() {
        if (this.#text[this.#place] !== this.#separator) return false;
        this.#place += 1;
        return true;
    }

    #takeLineEnd() {
        if (this.isAtEnd) return;
        this.#place += this.#text.startsWith("\r\n", this.#place) ? 2 : 1;
        this.line += 1;
    }
}
