/// Tabs: of several contents, one is seen.

import { h, uniqueID } from "./element.js";

/// `label` is the name of the list. `tabs`: `[{name, label, content}]`, where label and content are nodes or texts;
/// `chosen` is the name of the one that is seen first, `onChange(name)` is called when another is. The arrow keys go
/// from one to the next, Home and End to the first and the last.
export class Tabs {
    #tabs = new Map();
    #chosen = null;
    #onChange;

    constructor({ label, tabs, chosen = tabs[0].name, onChange = () => {} }) {
        this.#onChange = onChange;
        for (const { name, label: words, content } of tabs) this.#tabs.set(name, this.#make(name, words, content));
        const all = [...this.#tabs.values()];
        this.element = h(
            "div", { class: "tabs" },
            h(
                "div", { role: "tablist", "aria-label": label, onkeydown: (event) => this.#move(event) },
                all.map(({ button }) => button)),
            all.map(({ panel }) => panel));
        this.#choose(chosen);
    }

    /// The name of the one that is seen.
    get chosen() {
        return this.#chosen;
    }

    /// The tab's button, for words that change.
    button(name) {
        return this.#tabs.get(name).button;
    }

    #make(name, words, content) {
        const [tabID, panelID] = [uniqueID("tab"), uniqueID("panel")];
        return {
            button: h("button", {
                type: "button", role: "tab", id: tabID, "aria-controls": panelID,
                onclick: () => { if (name !== this.#chosen) this.#turn(name); },
            }, words),
            panel: h("div", { role: "tabpanel", id: panelID, "aria-labelledby": tabID }, content),
        };
    }

    #turn(name) {
        this.#choose(name);
        this.#onChange(name);
    }

    #choose(chosen) {
        this.#chosen = this.#tabs.has(chosen) ? chosen : this.#tabs.keys().next().value;
        for (const [name, { button, panel }] of this.#tabs) {
            button.setAttribute("aria-selected", String(name === this.#chosen));
            button.tabIndex = name === this.#chosen ? 0 : -1;
            panel.hidden = name !== this.#chosen;
        }
    }

    #move(event) {
        const names = [...this.#tabs.keys()];
        const place = names.indexOf(this.#chosen);
        const places = {
            ArrowLeft: (place + names.length - 1) % names.length, ArrowRight: (place + 1) % names.length,
            Home: 0, End: names.length - 1,
        };
        const name = names[places[event.key]];
        if (name === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        this.#turn(name);
        this.button(name).focus();
    }
}
