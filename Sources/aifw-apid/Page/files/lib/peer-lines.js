/// Peers as lines of text: a table with a line of column names, or just names.

import { parseCSV } from "./csv.js";
import { count } from "./words.js";

const list = (text) => text.split(/[\s;,]+/).filter(Boolean);
const WORDS = new Map([["true", true], ["yes", true], ["1", true], ["false", false], ["no", false], ["0", false]]);

/// The columns: what each is called in the API, and how its text is read.
const COLUMNS = new Map([
    ["name", { member: "name" }],
    ["allowed_ips", { member: "allowed_ips", read: list }],
    ["public_key", { member: "public_key" }],
    ["preshared_key", { member: "preshared_key", isSecret: true }],
    ["keepalive", {
        member: "persistent_keepalive",
        read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined), wants: "a number of seconds",
    }],
    ["expires_at", { member: "expires_at" }],
    ["enabled", { member: "enabled", read: (text) => WORDS.get(text.toLowerCase()), wants: "true or false" }],
    ["client_routes", { member: "client_routes", read: list }],
]);

export const NAMES = [...COLUMNS.keys()];
/// The most peers that the API takes at once.
export const LIMIT = 10_000;

/// `{columns, lines, faults}`. `lines`: the peers, `{line, cells, body, faults}`; `cells` are the texts by column, a
/// secret covered, `body` is what the API is told. What is wrong, with one or (the outer `faults`) with the text as a
/// whole, is `{line, column, detail}`; `column` is null where it is in none.
export function readPeers(text) {
    const { records, faults: broken } = parseCSV(text, text.split(/[\r\n]/, 1)[0].includes("\t") ? "\t" : ",");
    const faults = broken.map((fault) => ({ column: null, ...fault }));
    if (records.length === 0) return { columns: ["name"], lines: [], faults };
    const first = records[0].fields.map((field) => field.trim().toLowerCase());
    const isTitled = first.some((field) => COLUMNS.has(field));
    if (!isTitled && records.some((record) => record.fields.length > 1)) {
        const detail = `Where lines have several fields, the first one names them: ${NAMES.join(", ")}.`;
        return { columns: ["name"], lines: [], faults: [...faults, { line: records[0].line, column: null, detail }] };
    }
    const columns = isTitled ? first : ["name"];
    if (isTitled) faults.push(...faultsOfTitles(records[0].line, columns));
    const lines = records.slice(isTitled ? 1 : 0).map((record) => readLine(record, columns));
    markRepeats(lines);
    if (lines.length > LIMIT) {
        const detail = `There are ${lines.length} peers, and ${LIMIT} can be added at once.`;
        faults.push({ line: lines[LIMIT].line, column: null, detail });
    }
    return { columns, lines, faults };
}

/// Where a fault of the API belongs: `peers[3].allowed_ips[0]` is `{index: 3, column: "allowed_ips"}`; null if to no
/// peer.
export function placeOf(path) {
    const found = /^peers\[(\d+)\](?:\.(\w+))?/.exec(path);
    if (!found) return null;
    const column = NAMES.find((name) => COLUMNS.get(name).member === found[2]);
    return { index: Number(found[1]), column: column ?? found[2] ?? null };
}

function faultsOfTitles(line, columns) {
    const faults = columns.flatMap((column, index) => {
        if (!COLUMNS.has(column)) {
            return [{ line, column, detail: `is no column that is known. These are: ${NAMES.join(", ")}.` }];
        }
        return columns.indexOf(column) < index ? [{ line, column, detail: "is there twice" }] : [];
    });
    if (!columns.includes("name")) faults.push({ line, column: "name", detail: "is missing: each peer needs one" });
    return faults;
}

function readLine({ line, fields }, columns) {
    const [cells, body, faults] = [{}, {}, []];
    if (fields.length !== columns.length) {
        const detail = `has ${count(fields.length, "field")}, and the first line names ${columns.length}`;
        faults.push({ line, column: null, detail });
    }
    columns.forEach((column, index) => {
        const text = (fields[index] ?? "").trim();
        const known = COLUMNS.get(column);
        if (!known || (text === "" && column !== "name")) return;
        cells[column] = known.isSecret && text !== "auto" ? "••••" : text;
        const value = known.read ? known.read(text) : text;
        if (value === undefined) faults.push({ line, column, detail: `must be ${known.wants}, not "${text}"` });
        else body[known.member] = value;
    });
    if (body.name === "") faults.push({ line, column: "name", detail: "is missing" });
    return { line, cells, body, faults };
}

function markRepeats(lines) {
    const seen = new Map();
    for (const { line, body, faults } of lines) {
        if (!body.name) continue;
        const name = body.name.normalize();
        if (seen.has(name)) faults.push({ line, column: "name", detail: `is the same as in line ${seen.get(name)}` });
        else seen.set(name, line);
    }
}
