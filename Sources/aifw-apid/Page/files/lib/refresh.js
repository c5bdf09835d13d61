import { live } from "./live.js";
import { Problem } from "./api.js";

/// From the end of one reading to the next that an event asks for, in milliseconds.
const REST = 250;

/// Keeps what a view shows true: runs `load` now, after each event of `on` that `concerns(name, detail)` (all, if not
/// given), and each `every` milliseconds while the page is seen. Never twice at once: what is asked for meanwhile is
/// done once more after it, and what events ask for after a short rest: there may be many a second. In a hidden tab
/// nothing is read before it is seen again. `view` ends it by its signal, and shows what goes wrong
/// (``View/fault(_:)``).
///
/// Returns a function that loads anew and resolves when what it shows is later than the call.
export function keep(view, load, { on = ["change", "status", "reset"], concerns = () => true, every = 0 } = {}) {
    let running = null;
    let next = null;
    let ended = -Infinity;
    let isAsked = false;
    /// Whether something has changed that was not read, since nobody sees it.
    let isStale = false;

    function refresh() {
        if (view.signal.aborted) return Promise.resolve();
        if (!running) {
            running = run().finally(() => { running = null; });
            return running;
        }
        next ??= running.catch(() => {}).then(() => {
            next = null;
            return refresh();
        });
        return next;
    }

    async function run() {
        isStale = false;
        try {
            await load();
            view.fault(null, null, load);
        } catch (error) {
            if (view.signal.aborted || error.name === "AbortError") return;
            if (!(error instanceof Problem)) throw error;
            view.fault(error, refresh, load);
        } finally {
            ended = performance.now();
        }
    }

    async function refreshSoon() {
        isStale ||= document.hidden;
        if (isAsked || document.hidden) return;
        isAsked = true;
        await running?.catch(() => {});
        setTimeout(() => {
            isAsked = false;
            refresh();
        }, Math.max(0, ended + REST - performance.now()));
    }

    for (const name of on) {
        live.addEventListener(name, (event) => {
            if (name === "reset" || concerns(name, event.detail)) refreshSoon();
        }, { signal: view.signal });
    }
    if (every > 0) {
        const timer = setInterval(() => { if (!document.hidden) refresh(); }, every);
        view.signal.addEventListener("abort", () => clearInterval(timer));
    }
    document.addEventListener("visibilitychange", () => {
        const isOld = every > 0 && performance.now() - ended >= every;
        if (!document.hidden && (isStale || isOld)) refreshSoon();
    }, { signal: view.signal });
    refresh();
    return refresh;
}
