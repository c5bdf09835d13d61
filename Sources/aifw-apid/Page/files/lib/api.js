/// Requests to the REST API of the same origin, as the user whose session the cookie is.

import { Problem } from "./problem.js";

const BASE = "/api/v1";
/// How long the server may be silent, in milliseconds: asked for something to show, or for anything else, which may be
/// much to do or to carry.
const PATIENCE = { look: 20_000, else: 120_000 };
/// As slowly as this the server takes a body, in bytes a second.
const PACE = 4096;

/// Who is logged in; null for nobody. `csrf` goes with whatever may change something.
let caller = null;
/// How far this host's clock is behind the firewall's, in milliseconds.
let clockDifference = 0;
/// Asks for a new log-in; set by ``whenSessionEnds(_:)``. Resolves when there is one.
let renew = null;
let renewal = null;
/// What every request is refused by when somebody else has logged in in another tab; null as long as nobody has.
let stranger = null;

export { Problem };

/// The firewall's time, in milliseconds since 1970, to about a second.
export function serverNow() {
    return Date.now() + clockDifference;
}

export function user() {
    return caller;
}

/// Whether the user has a scope: `vpn:read`, `vpn:write`, `vpn:secrets` or `admin`, which implies all.
export function may(scope) {
    if (!caller) return false;
    if (caller.scopes.includes("admin") || caller.scopes.includes(scope)) return true;
    return scope === "vpn:read" && caller.scopes.some((one) => one.startsWith("vpn:"));
}

/// `ask()` is called once when a request finds that the session has ended; the request is made again when it resolves,
/// and fails if it rejects.
export function whenSessionEnds(ask) {
    renew = ask;
}

/// Who has logged in in this browser and not out, and a word that is each log-in's own: no secret. It saves a request
/// that would be refused, and tells other tabs. The session itself is a cookie that no script can read.
const MARK = "logged-in";
/// The word of the log-in that this page goes on with.
let logInID = null;

addEventListener("storage", heedMark);

function mark(id) {
    logInID = id;
    localStorage.setItem(MARK, JSON.stringify({ name: caller.name, id }));
}

function readMark() {
    try {
        return JSON.parse(localStorage.getItem(MARK)) ?? {};
    } catch {
        // As the page wrote it in former versions.
        return {};
    }
}

/// In another tab somebody else may have logged in, whose the cookie is then: nothing is read or done in his name that
/// this page's user has asked for.
function heedMark() {
    const { name, id } = readMark();
    if (!caller || !name) return;
    if (name === caller.name) logInID = id;
    else if (id === logInID) renamed(name);
    else meet(name);
}

/// Tells the document by `somebody-else`, once.
function meet(name) {
    if (stranger) return;
    stranger = new Problem({
        status: 0, code: "somebody-else", title: "Somebody else is logged in",
        detail: `In another tab of this browser ${name} has logged in. Load the page again to go on as that user.`,
    });
    document.dispatchEvent(new CustomEvent("somebody-else", { detail: name }));
}

/// Finds out who the cookie belongs to, after the page was loaded; false if to nobody.
export async function resume() {
    if (!localStorage.getItem(MARK)) return false;
    try {
        await refreshCaller();
        mark(readMark().id ?? crypto.randomUUID());
        return true;
    } catch (error) {
        if (!(error instanceof Problem && error.status === 401)) throw error;
        forget();
        return false;
    }
}

/// The user has another name now, by which a next log-in is asked for. The document is told by `renamed`.
export function renamed(name) {
    caller.name = name;
    mark(logInID);
    document.dispatchEvent(new Event("renamed"));
}

/// Asks whether the server answers, and whose the session is; one that has ended is renewed on the way.
export async function checkCaller() {
    const { data } = await get("/auth/session");
    adopt(data);
}

async function refreshCaller() {
    const { data } = await once("GET", "/auth/session", {});
    adopt(data);
}

/// Another name in the same session is this user's new one.
function adopt({ name, scopes, csrf_token: csrf }) {
    const isOther = caller && caller.name !== name;
    if (isOther && caller.csrf !== csrf) {
        meet(name);
        throw stranger;
    }
    caller = { name, scopes, csrf };
    if (isOther) renamed(name);
}

/// Throws a `Problem` with the code `totp-needed` where `totp` is missing, `login-failed` where something is wrong.
export async function logIn(username, password, totp) {
    const body = totp ? { username, password, totp } : { username, password };
    const { data } = await once("POST", "/auth/login", { body });
    caller = { name: data.username, scopes: data.scopes, csrf: data.csrf_token };
    mark(crypto.randomUUID());
}

/// Ends the session; that it had ended already is no fault.
export async function logOut() {
    try {
        await asCaller("POST", "/auth/logout", {});
    } catch (error) {
        if (!(error instanceof Problem && error.status === 401)) throw error;
    }
    caller = null;
    forget();
}

/// Lets the next page begin with the log-in.
export function forget() {
    localStorage.removeItem(MARK);
}

/// A first administrator, by a set-up code.
export async function setUp(code, username, password) {
    await once("POST", "/auth/setup", { body: { code, username, password } });
}

/// Makes a request and returns `{data, json, etag, warnings, response}`: `json` is the whole answer, `data` its member
/// of that name, or all of it where it has none. Throws a `Problem`.
///
/// `options`: `query` (an object; null and "" are left out), `body` (becomes JSON), `raw` with `type` (sent as it is),
/// `etag` (`If-Match`), `key` (`Idempotency-Key`), `headers`, `accept`, `signal` (ends it), `as` (`json`, `text` or
/// `blob`), `received` (is told how many bytes of a `blob` there are, as they come). A session that has ended is
/// renewed on the way, and a token against other sites' requests fetched anew.
export async function call(method, path, options = {}) {
    try {
        return await asCaller(method, path, options);
    } catch (error) {
        if (!(error instanceof Problem && error.status === 401 && renew)) throw error;
        renewal ??= renew().finally(() => { renewal = null; });
        await renewal;
        options.signal?.throwIfAborted();
        return await asCaller(method, path, options);
    }
}

/// After a log-in in another tab the cookie is another session's, and so is the token that goes with it.
async function asCaller(method, path, options) {
    heedMark();
    if (stranger) throw stranger;
    try {
        return await once(method, path, options);
    } catch (error) {
        if (!(error instanceof Problem && error.code === "csrf")) throw error;
        await refreshCaller();
        return await once(method, path, options);
    }
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, options) => call("POST", path, options);
export const patch = (path, options) => call("PATCH", path, options);
export const remove = (path, options) => call("DELETE", path, options);

/// All of a list, page by page: `seen(rows, total, json)` is told what there is after each, and the page's whole
/// answer.
export async function all(path, { query = {}, signal, seen } = {}) {
    const rows = [];
    let cursor = null;
    do {
        const { json } = await get(path, { query: { limit: 1000, ...query, cursor }, signal });
        rows.push(...json.data);
        cursor = json.next_cursor ?? null;
        seen?.(rows, json.total, json);
    } while (cursor);
    return rows;
}

/// The document is told by `no-answer` when what is only looked at does not come (``live``).
async function once(method, path, options) {
    const url = new URL(BASE + path, location.origin);
    for (const [name, value] of Object.entries(options.query ?? {})) {
        if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
    }
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const patience = method === "GET" && options.as !== "blob" ? PATIENCE.look : PATIENCE.else;
    const silence = new AbortController();
    let timer = null;
    const wait = (time) => {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), time);
    };
    wait(patience + size(body) / PACE * 1000);
    try {
        const response = await fetch(url, {
            method,
            headers: headers(method, options),
            body,
            signal: AbortSignal.any([silence.signal, options.signal].filter(Boolean)),
            credentials: "same-origin",
            cache: "no-store",
            redirect: "error",
        });
        wait(patience);
        readClock(response);
        if (!response.ok) throw await Problem.of(response);
        return await read(response, options.as ?? "json", options.received && ((count) => {
            wait(patience);
            options.received(count);
        }));
    } catch (error) {
        // A `TypeError` is what `fetch` and a body that breaks off throw.
        if (!(error instanceof TypeError) && !silence.signal.aborted) throw error;
        if (method === "GET") document.dispatchEvent(new Event("no-answer"));
        throw Problem.offline();
    } finally {
        clearTimeout(timer);
    }
}

/// Of a body, in bytes; of a text about.
function size(body) {
    return body?.byteLength ?? body?.size ?? body?.length ?? 0;
}

function headers(method, options) {
    const headers = new Headers(options.headers);
    headers.set("Accept", options.accept ?? "application/json");
    if (options.body !== undefined) headers.set("Content-Type", "application/json");
    if (options.raw !== undefined && options.type) headers.set("Content-Type", options.type);
    if (options.etag) headers.set("If-Match", options.etag);
    if (options.key) headers.set("Idempotency-Key", options.key);
    if (method !== "GET" && caller?.csrf) headers.set("X-CSRF-Token", caller.csrf);
    return headers;
}

async function read(response, as, received) {
    const etag = response.headers.get("ETag");
    if (as === "text") return { data: await response.text(), etag, warnings: [], response };
    if (as === "blob") return { data: await content(response, received), etag, warnings: [], response };
    const json = await response.json();
    return { data: json.data ?? json, json, etag, warnings: json.warnings ?? [], response };
}

async function content(response, received) {
    if (!received) return response.blob();
    const parts = [];
    let count = 0;
    for (const reader = response.body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) return new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
        parts.push(value);
        count += value.length;
        received(count);
    }
}

function readClock(response) {
    const date = Date.parse(response.headers.get("Date") ?? "");
    // The header has whole seconds, rounded down: a difference of less than one is none.
    if (Number.isNaN(date)) return;
    const difference = date + 500 - Date.now();
    clockDifference = Math.abs(difference) < 1500 ? 0 : difference;
}
