/// States as a word and a colour; the colour never stands alone.

import { h } from "./element.js";

const TONES = {
    up: "good", online: "good", loaded: "good",
    stale: "warn", expired: "warn", expires: "warn",
    error: "bad", "not loaded": "bad",
    down: "quiet", never: "quiet", disabled: "quiet",
};

/// `up`, `down` or `error` of tunnels and associations; `online`, `stale`, `never`, `disabled`, `expired` or `expires`
/// of peers; `loaded` or `not loaded` of rules.
export function state(word) {
    return h("span", { class: `state ${TONES[word]}` }, word);
}
