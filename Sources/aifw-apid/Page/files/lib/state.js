/// States as a word and a colour; the colour never stands alone.

import { h } from "./element.js";

const TONES = {
    up: "good", online: "good",
    stale: "warn", expired: "warn",
    error: "bad",
    down: "quiet", never: "quiet", disabled: "quiet",
};

/// `up`, `down` or `error` of tunnels and associations; `online`, `stale`, `never`, `disabled` or `expired` of peers.
export function state(word) {
    return h("span", { class: `state ${TONES[word]}` }, word);
}
