/// What a new tunnel may have, beside those that there are: values in, values out.

/// The lowest wgN that none of `tunnels` has.
export function nextInterface(tunnels) {
    const taken = new Set(tunnels.map((tunnel) => tunnel.interface));
    return firstFree(0, 9999, (number) => `wg${number}`, taken) ?? "";
}

/// The lowest port from 51820 on that none has; null if there is none.
export function nextPort(tunnels) {
    return firstFree(51820, 65535, (number) => number, new Set(tunnels.map((tunnel) => tunnel.listen_port)));
}

/// 10.N.0.1/24 with the lowest N whose network overlaps none of theirs; "" if there is none.
export function nextAddress(tunnels) {
    const taken = tunnels.flatMap((tunnel) => tunnel.address.split(",")).map(range).filter(Boolean);
    for (let number = 0; number < 256; number += 1) {
        const first = (10 * 256 + number) * 65536;
        if (taken.every((one) => one.last < first || one.first > first + 255)) return `10.${number}.0.1/24`;
    }
    return "";
}

function firstFree(lowest, highest, value, taken) {
    for (let number = lowest; number <= highest; number += 1) {
        if (!taken.has(value(number))) return value(number);
    }
    return null;
}

/// The first and the last address of an IPv4 prefix, as numbers; null for anything else.
function range(text) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text.trim());
    if (!match) return null;
    const [a, b, c, d, length] = match.slice(1).map(Number);
    const size = 2 ** (32 - length);
    const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
    return { first, last: first + size - 1 };
}
