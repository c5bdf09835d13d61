import { may } from "./api.js";
import { h } from "./element.js";

/// What a token or a user may do, as the API names it, for forms and lists.
export const SCOPES = [
    ["vpn:read", "Look", "Tunnels, peers, associations, rules, traffic. vpn:read"],
    ["vpn:write", "Change", "Add, edit, start, stop, delete. vpn:write"],
    [
        "vpn:secrets", "Hand out configurations",
        "Download clients' and far ends' configurations with their keys. vpn:secrets",
    ],
    ["admin", "Administer", "All of it, and tokens, users, audit log, backup. admin"],
];

/// "Look, change"; the API's words show on pointing at it.
export function scopesInWords(scopes) {
    const words = SCOPES.filter(([scope]) => scopes.includes(scope)).map(([, word]) => word);
    const text = words.map((word, index) => (index === 0 ? word : word.toLowerCase())).join(", ");
    return h("span", { title: scopes.join(", ") }, text);
}

/// Whether the user is an administrator. If not, the page `title` says that it is for them only.
export function admits(view, title) {
    if (may("admin")) return true;
    view.show(
        title, {},
        h("p", {}, "This page is for administrators. ", h("a", { href: "/" }, "Go to the overview.")));
    return false;
}
