/// What a token or a user may do, as the API names it, for forms and lists.
export const SCOPES = [
    ["vpn:read", "Look", "Tunnels, peers, associations, rules, traffic. vpn:read"],
    ["vpn:write", "Change", "Add, edit, start, stop, delete. vpn:write"],
    ["vpn:secrets", "Hand out configurations", "Download clients' and far ends' configurations with their keys. vpn:secrets"],
    ["admin", "Administer", "All of it, and tokens, users, audit log, backup. admin"],
];
