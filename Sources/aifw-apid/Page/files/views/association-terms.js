/// The terms of an IPsec association in words, the same in the list, the form and the details.

export const PROTOCOLS = [
    ["esp", "esp: encrypted and authenticated"],
    ["ah", "ah: authenticated, not encrypted"],
    ["esp+ah", "esp+ah: ESP inside AH"],
];
export const MODES = [
    ["tunnel", "tunnel: between networks"],
    ["transport", "transport: between the two ends alone"],
];

/// Each with how many bytes its key has, and whether it authenticates by itself.
export const CIPHERS = [
    ["aes-256-gcm", 36, true],
    ["aes-128-gcm", 20, true],
    ["chacha20-poly1305", 36, true],
    ["aes-256-cbc", 32, false],
];
/// Each with how many bytes its key has.
export const HMACS = [["hmac-sha256", 32], ["hmac-sha384", 48], ["hmac-sha512", 64]];

export function usesCipher({ protocol }) {
    return protocol !== "ah";
}

export function authenticatesByItself(cipher) {
    return CIPHERS.some(([name, , isAEAD]) => name === cipher && isAEAD);
}

/// AH always, ESP with a cipher that does not authenticate by itself.
export function usesHMAC({ protocol, enc_algo: cipher }) {
    return protocol !== "esp" || !authenticatesByItself(cipher);
}

/// The algorithms that are used, and no other: "aes-256-gcm", "aes-256-cbc, hmac-sha256".
export function algorithms(association) {
    return [
        usesCipher(association) && association.enc_algo, usesHMAC(association) && association.auth_algo,
    ].filter(Boolean).join(", ");
}

/// An SPI as tools print it: "0x0000a1b2".
export function spi(number) {
    return `0x${number.toString(16).padStart(8, "0")}`;
}

/// The networks of one end as they were given; null where nothing was, for then they are the end's own address.
export function networksGiven(networks, address) {
    if (!networks) return null;
    const own = `${address}/${address.includes(":") ? 128 : 32}`;
    return networks.length === 1 && networks[0] === own ? null : networks;
}

/// What it carries, as "10.1.0.0/16 and 10.2.0.0/16".
export function carried(association) {
    const { src_addr: here, dst_addr: there, src_networks: ours, dst_networks: theirs } = association;
    return `${(ours ?? [here]).join(", ")} and ${(theirs ?? [there]).join(", ")}`;
}
