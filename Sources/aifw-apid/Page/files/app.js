/// Where the page begins: who is there, then the frame and what the address asks for.

import { resume, whenSessionEnds } from "./lib/api.js";
import { Problem } from "./lib/problem.js";
import { live } from "./lib/live.js";
import { fill, h } from "./lib/element.js";
import * as router from "./lib/router.js";
import { Frame } from "./frame.js";
import { askAgain, showLogIn, showStranger } from "./log-in.js";
import { showSetUp } from "./set-up.js";

const ROUTES = [
    ["/", () => import("./views/overview.js")],
    ["/wireguard", () => import("./views/wireguard.js")],
    ["/wireguard/{id}", () => import("./views/tunnel.js")],
    ["/ipsec", () => import("./views/ipsec.js")],
    ["/rules", () => import("./views/rules.js")],
    ["/audit", () => import("./views/audit.js")],
    ["/tokens", () => import("./views/tokens.js")],
    ["/users", () => import("./views/users.js")],
    ["/backup", () => import("./views/backup.js")],
];

const root = document.getElementById("app");

async function begin() {
    try {
        if (location.pathname === "/setup") {
            showSetUp(root, enter);
        } else if (await resume()) {
            enter();
        } else {
            showLogIn(root, enter);
        }
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        fill(root, h(
            "main", { class: "card" }, h("h1", {}, "AiFw VPN"),
            h("p", { class: "problem", role: "alert" }, error.detail),
            h("button", { type: "button", class: "primary", onclick: begin }, "Try again")));
    }
}

function enter() {
    if (location.pathname === "/setup") history.replaceState(null, "", "/");
    whenSessionEnds(askAgain);
    document.addEventListener("somebody-else", (event) => showStranger(event.detail));
    const frame = new Frame();
    fill(root, frame.element);
    live.start();
    router.start(ROUTES, frame.main, (path) => frame.mark(path));
}

// A browser that goes back may show the page as it was, without its stream, whoever has logged out meanwhile.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
begin();
