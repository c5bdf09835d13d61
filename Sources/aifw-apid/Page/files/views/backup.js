/// Backup: everything that is configured in one file that a passphrase opens, and back.

import { get } from "../lib/api.js";
import { fill, h, named } from "../lib/element.js";
import { keep } from "../lib/refresh.js";
import { admits } from "../lib/scopes.js";
import { ago } from "../lib/words.js";
import { openBackup } from "./backup-make.js";
import { openRestore } from "./backup-restore.js";

export function show(view) {
    if (!admits(view, "Backup")) return;
    // With words from the beginning, so that nothing moves when they are known.
    const made = h("p", { class: "quiet" }, "Last one: …");
    const restored = h("p", { class: "quiet" }, "Last restored: …");
    view.show(
        "Backup", {},
        h(
            "div", { class: "panels two" },
            h(
                "section", { class: "panel" }, h("h2", {}, "Make a backup"),
                h(
                    "p", {}, "Tunnels, peers, associations, tokens, users and webhooks, with all their keys, in one "
                        + "file that only its passphrase opens. Sessions, the audit log, traffic counts and settings "
                        + "files are not in it."),
                made,
                h("button", { type: "button", class: "primary", onclick: () => openBackup(refresh) }, "Make a backup")),
            h(
                "section", { class: "panel" }, h("h2", {}, "Restore a backup"),
                h(
                    "p", {}, "All that is configured becomes what the file holds; what it does not have is deleted. "
                        + "What would be changed is shown first. A running tunnel that does not change loses nothing."),
                restored, h("button", { type: "button", onclick: () => openRestore(refresh) }, "Restore a backup"))));
    const refresh = keep(view, async () => {
        const [backup, restore] = await Promise.all(["backup", "restore"].map(async (action) => {
            const { data } = await get("/audit", { query: { action, limit: 1 }, signal: view.signal });
            return data[0];
        }));
        fill(made, last("Last one", backup));
        fill(restored, last("Last restored", restore));
        // That a backup was made is no event.
    }, { on: ["change", "reset"], concerns: (name, event) => event.action === "restore", every: 20_000 });
}

function last(words, entry) {
    if (!entry) return `${words}: never`;
    return [`${words}: `, ago(entry.time), " by ", named(entry.actor.name)];
}
