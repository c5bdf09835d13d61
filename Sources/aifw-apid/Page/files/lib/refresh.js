import { live } from "./live.js";
import { Problem } from "./api.js";

/// Keeps what a view shows true: runs `load` now, after each event of `on` that `concerns(name, detail)` (all, if not
/// given), and each `every` milliseconds while the page is seen. Never twice at once: what is asked for meanwhile is
/// done once more after it. `view` ends it by its signal, and shows what goes wrong (``View/fault(_:)``).
///
/// Returns a function that loads anew and resolves when what it shows is later than the call.
export function keep(view, load, { on = ["change", "status", "reset"], concerns = () => true, every = 0 } = {}) {
    let running = null;
    let next = null;

    function refresh() {
        if (view.signal.aborted) return Promise.resolve();
        if (!running) {
            running = run().finally(() => { running = null; });
            return running;
        }
        next ??= running.then(() => {
            next = null;
            return refresh();
        });
        return next;
    }

    async function run() {
        try {
            await load();
            view.fault(null);
        } catch (error) {
            if (view.signal.aborted || error.name === "AbortError") return;
            if (!(error instanceof Problem)) throw error;
            view.fault(error, refresh);
        }
    }

    for (const name of on) {
        live.addEventListener(name, (event) => {
            if (name === "reset" || concerns(name, event.detail)) refresh();
        }, { signal: view.signal });
    }
    if (every > 0) {
        const timer = setInterval(() => { if (!document.hidden) refresh(); }, every);
        view.signal.addEventListener("abort", () => clearInterval(timer));
    }
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); }, { signal: view.signal });
    refresh();
    return refresh;
}
