import { h, fill } from "./element.js";

/// A button that copies what `text()` returns, or resolves to, and says so on itself.
export function copyButton(text, label = "Copy") {
    const button = h("button", {
        type: "button",
        onclick: async () => {
            try {
                await navigator.clipboard.writeText(await text());
                fill(button, "Copied");
            } catch {
                // A browser that does not let a page write there.
                fill(button, "Not copied: select the text instead");
            }
            setTimeout(() => fill(button, label), 2000);
        },
    }, label);
    return button;
}

/// The name that an answer gives its content as a file (RFC 6266), or `otherwise`.
export function fileName(response, otherwise) {
    const header = response.headers.get("Content-Disposition") ?? "";
    const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(header);
    if (encoded) return decodeURIComponent(encoded[1]);
    return /filename="([^"]+)"/i.exec(header)?.[1] ?? otherwise;
}

/// Hands `content` (a Blob) to the browser as a file to save.
export function saveFile(content, name) {
    const address = URL.createObjectURL(content);
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
