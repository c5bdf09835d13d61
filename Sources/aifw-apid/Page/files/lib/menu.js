import { fill, h } from "./element.js";

/// A button that opens a menu. `name` is what is read out for it, `items()` says what is in it at that moment:
/// `[{label, run, danger}]`, false for none. The menu lies above everything, so that no cell of a table cuts it off.
export function menuButton(label, name, items) {
    const menu = h("div", { class: "menu-list", role: "menu", popover: "auto", "aria-label": name });
    let wasOpen = false;
    const button = h("button", {
        type: "button", "aria-label": name, "aria-haspopup": "menu", "aria-expanded": "false",
        // When the click arrives, the browser has closed the menu.
        onpointerdown: () => { wasOpen = menu.isConnected; },
        onclick: () => {
            if (!wasOpen) open();
            wasOpen = false;
        },
        onkeydown: (event) => {
            if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
            event.preventDefault();
            open(event.key === "ArrowUp");
        },
    }, label);

    function open(atLast = false) {
        fill(menu, items().filter(Boolean).map((item) => h("button", {
            type: "button", role: "menuitem", tabindex: "-1", class: item.danger ? "danger-item" : null,
            onclick: () => {
                close();
                item.run();
            },
        }, item.label)));
        // Within the landmark, and within what is not inert.
        (button.closest("dialog, main") ?? document.body).append(menu);
        menu.showPopover();
        place();
        button.setAttribute("aria-expanded", "true");
        (atLast ? menu.lastElementChild : menu.firstElementChild)?.focus();
        addEventListener("scroll", leave, { once: true, passive: true });
        addEventListener("resize", leave, { once: true });
    }

    /// Below the button and within the window.
    function place() {
        const around = button.getBoundingClientRect();
        const left = Math.max(8, Math.min(around.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8));
        const isBelow = around.bottom + 4 + menu.offsetHeight <= innerHeight;
        const top = isBelow ? around.bottom + 4 : Math.max(8, around.top - 4 - menu.offsetHeight);
        menu.style.setProperty("left", `${left}px`);
        menu.style.setProperty("top", `${top}px`);
    }

    function close() {
        if (button.isConnected) button.focus({ preventScroll: true });
        menu.hidePopover();
    }

    function leave() {
        if (menu.isConnected) menu.hidePopover();
    }

    menu.addEventListener("beforetoggle", (event) => {
        if (event.newState !== "closed") return;
        button.setAttribute("aria-expanded", "false");
        removeEventListener("scroll", leave);
        removeEventListener("resize", leave);
    });
    menu.addEventListener("toggle", (event) => {
        if (event.newState === "closed") menu.remove();
    });
    menu.addEventListener("keydown", (event) => {
        const all = [...menu.children];
        const here = all.indexOf(document.activeElement);
        const moves = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
        if (event.key in moves) {
            event.preventDefault();
            all.at(moves[event.key] % all.length).focus();
        } else if (event.key === "Tab") {
            close();
        } else if (event.key === "Escape") {
            event.preventDefault();
            close();
        } else if (/^\p{L}$/u.test(event.key)) {
            const from = [...all.slice(here + 1), ...all.slice(0, here + 1)];
            from.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
        }
    });
    return button;
}
