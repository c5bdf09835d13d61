/// Numbers and times in words, the same on every page.

import { h } from "./element.js";
import { serverNow } from "./api.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes in three digits: "0 B", "512 B", "1.50 KiB", "13.2 MiB", "117 GiB".
export function bytes(count) {
    let unit = 0;
    let value = count;
    while (value >= 1000 && unit < UNITS.length - 1) {
        value /= 1024;
        unit += 1;
    }
    if (unit === 0) return `${Math.round(value)} B`;
    return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/// Bytes a second as bits a second, as lines are sold: "0 bit/s", "1.20 Mbit/s".
export function rate(bytesPerSecond) {
    const names = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
    let unit = 0;
    let value = bytesPerSecond * 8;
    while (value >= 1000 && unit < names.length - 1) {
        value /= 1000;
        unit += 1;
    }
    if (unit === 0) return `${Math.round(value)} bit/s`;
    return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value)} ${names[unit]}`;
}

/// "1 peer", "12,345 peers".
export function count(number, one, many = `${one}s`) {
    return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/// A span of seconds in its largest unit: "12 s", "5 min", "3 h", "2 d".
export function span(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min`;
    if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h`;
    return `${Math.floor(whole / 86400)} d`;
}

/// A time of the API as this host's clock writes it: "2026-11-26 08:15:02".
export function moment(time) {
    const date = new Date(time);
    const two = (number) => String(number).padStart(2, "0");
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/// How long ago, or how far ahead, a time of the API is: "12 s ago", "in 3 d".
export function distance(time) {
    const seconds = (serverNow() - Date.parse(time)) / 1000;
    return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

/// An element that says ``distance(_:)`` and goes on saying it; the time itself shows on pointing at it.
export function ago(time) {
    return h("time", { datetime: time, title: moment(time), "data-distance": true }, distance(time));
}

/// An element with the time itself; ``distance(_:)`` shows on pointing at it.
export function at(time) {
    return h("time", { datetime: time, title: distance(time), "data-moment": true }, moment(time));
}

setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[data-distance]")) {
        const text = distance(element.dateTime);
        if (element.textContent !== text) element.textContent = text;
    }
    for (const element of document.querySelectorAll("time[data-moment]")) {
        const text = distance(element.dateTime);
        if (element.title !== text) element.title = text;
    }
}, 1000);
