import { fill, h } from "./lib/element.js";
import { logOut, may, Problem, user } from "./lib/api.js";
import { live } from "./lib/live.js";
import { say } from "./lib/notice.js";

const PLACES = [
    [null, [["/", "Overview"]]],
    ["VPN", [["/wireguard", "WireGuard"], ["/ipsec", "IPsec"], ["/rules", "Rules"]]],
    ["System", [["/audit", "Audit"], ["/tokens", "Tokens"], ["/users", "Users"], ["/backup", "Backup"]]],
];

/// What stands around every page: where one can go, who is logged in, and whether what is seen is live.
export class Frame {
    main = h("main", { id: "main" });
    #links = new Map();
    #who = h("strong");
    #live = h("div", { class: "live", role: "status" });
    #menu;

    constructor() {
        const nav = h("nav", { id: "places", "aria-label": "Pages" }, this.#places());
        this.#menu = h("button", {
            type: "button", class: "menu", "aria-controls": "places", "aria-expanded": "false",
            onclick: () => this.#openMenu(this.#menu.getAttribute("aria-expanded") === "false"),
        }, "Menu");
        this.element = h(
            "div", { class: "frame" },
            h("a", {
                class: "skip", href: "#main",
                onclick: (event) => {
                    event.preventDefault();
                    this.main.querySelector("h1")?.focus();
                },
            }, "To the content"),
            h(
                "header", { class: "bar" },
                h("a", { class: "brand", href: "/" }, "AiFw VPN"), this.#live, this.#menu),
            nav, this.main);
        for (const part of [nav, this.#menu]) {
            part.addEventListener("keydown", (event) => {
                if (event.key !== "Escape") return;
                this.#openMenu(false);
                this.#menu.focus();
            });
        }
        live.addEventListener("state", () => this.#showLive());
        setInterval(() => { if (live.state === "broken") this.#showLive(); }, 1000);
        this.#showLive();
        const showName = () => fill(this.#who, user().name);
        document.addEventListener("renamed", showName);
        showName();
    }

    /// Shows which place `path` belongs to.
    mark(path) {
        this.#openMenu(false);
        for (const [place, link] of this.#links) {
            const isHere = place === "/" ? path === "/" : path === place || path.startsWith(`${place}/`);
            if (isHere) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
    }

    #openMenu(isOpen) {
        this.#menu.setAttribute("aria-expanded", String(isOpen));
    }

    #places() {
        const groups = PLACES.map(([title, places]) => {
            if (title === "System" && !may("admin")) return null;
            return [
                title && h("h2", {}, title),
                h("ul", {}, places.map(([path, words]) => {
                    const link = h("a", { href: path }, words);
                    this.#links.set(path, link);
                    return h("li", {}, link);
                })),
            ];
        });
        return [
            groups,
            h(
                "div", { class: "who" }, h("span", {}, "Logged in as ", this.#who),
                h("a", { href: "/docs", target: "_blank", rel: "noopener" }, "API"),
                h("button", { type: "button", onclick: leave }, "Log out")),
        ];
    }

    #showLive() {
        const seconds = live.nextAttempt ? Math.max(0, Math.ceil((live.nextAttempt - Date.now()) / 1000)) : 0;
        this.#live.className = `live ${live.state}`;
        switch (live.state) {
        case "live": return fill(this.#live, "live");
        case "broken": return this.#showBroken(seconds);
        default: return fill(this.#live, "connecting…");
        }
    }

    /// The words are made once and the seconds counted in their place, not read out each time.
    #showBroken(seconds) {
        if (!this.#live.querySelector("button")) {
            fill(
                this.#live, "Not live: what is shown may be old. ", h("span", { class: "next", "aria-hidden": "true" }),
                h("button", { type: "button", onclick: () => live.retry() }, "Try now"));
        }
        fill(this.#live.querySelector(".next"), seconds > 0 ? `Next try in ${seconds} s. ` : "Trying… ");
    }
}

async function leave() {
    try {
        await logOut();
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say("Not logged out: ", error.detail);
        return;
    }
    live.stop();
    // Where the browser keeps the page for who goes back, it keeps nothing that was shown.
    document.body.replaceChildren();
    location.assign("/");
}
