/// Addresses and what they show. The pages are loaded when they are first asked for.

import { h } from "./element.js";
import { closeAll, somethingIsTyped } from "./dialog.js";
import { say } from "./notice.js";
import { View } from "./view.js";

/// How long a page may take to be loaded, in milliseconds.
const PATIENCE = 20_000;
const UNSAVED = "There is a form with unsaved changes: save it or close it first.";

let table = [];
let main = null;
let current = null;
let place = 0;
let isReturning = false;
let announce = () => {};

/// `routes`: `[[path, () => import(…)]]`, where `{name}` in a path stands for one part and the module's `show(view)`
/// draws the page into `element`; `arrived(path)` is called after each change.
export function start(routes, element, arrived) {
    table = routes.map(([path, load]) => [path.split("/"), load]);
    main = element;
    announce = arrived;
    place = history.state?.place ?? 0;
    history.replaceState({ place }, "");
    addEventListener("popstate", moved);
    addEventListener("beforeunload", (event) => { if (somethingIsTyped()) event.preventDefault(); });
    document.addEventListener("click", follow);
    draw();
}

/// Shows another page.
export function go(path) {
    closeAll();
    place += 1;
    history.pushState({ place }, "", path);
    draw();
    scrollTo(0, 0);
}

/// Links of this site change the page without loading it anew.
function follow(event) {
    const link = event.target.closest?.("a[href^='/']");
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || link.target || link.download || event.defaultPrevented) return;
    const path = link.getAttribute("href");
    if (!find(path.split("?")[0])) return;
    event.preventDefault();
    if (somethingIsTyped()) say(UNSAVED);
    else go(path);
}

/// Back and forward. What was typed into a dialog is not lost by them.
function moved(event) {
    const target = event.state?.place ?? 0;
    if (isReturning) {
        isReturning = false;
        return;
    }
    if (somethingIsTyped()) {
        isReturning = true;
        history.go(place - target);
        say(UNSAVED);
        return;
    }
    place = target;
    closeAll();
    draw();
}

function find(path) {
    const parts = path.split("/");
    for (const [pattern, load] of table) {
        if (pattern.length !== parts.length) continue;
        const parameters = {};
        const fits = pattern.every((part, index) => {
            if (!part.startsWith("{")) return part === parts[index];
            const value = decoded(parts[index]);
            parameters[part.slice(1, -1)] = value;
            return value !== "";
        });
        if (fits) return { load, parameters };
    }
    return null;
}

/// The text of a part of a path; none if it is that of no text.
function decoded(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return "";
    }
}

async function draw() {
    current?.end();
    const found = find(location.pathname);
    const view = new View(main, found?.parameters ?? {});
    current = view;
    announce(location.pathname);
    if (!found) {
        const words = h("p", {}, "There is no such page. ", h("a", { href: "/" }, "Go to the overview."));
        view.show("Nothing here", {}, words);
        return;
    }
    let module;
    try {
        module = await inTime(found.load());
    } catch {
        // The firewall was away while this part of the page was to be loaded; a browser does not ask for it twice.
        document.dispatchEvent(new Event("no-answer"));
        if (current !== view) return;
        view.show("Not loaded");
        view.fault({ detail: "The firewall did not answer when this page was loaded." }, () => location.reload());
        return;
    }
    if (current === view) module.show(view);
}

/// What is loaded, unless that takes too long: no `import` can be ended, or says that the network is silent.
function inTime(loading) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(reject, PATIENCE);
        loading.then(resolve, reject).finally(() => clearTimeout(timer));
    });
}
