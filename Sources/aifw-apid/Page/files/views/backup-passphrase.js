/// What a backup is locked with, as forms ask for it.

import { Problem } from "../lib/api.js";

export const passphraseField = {
    name: "passphrase", label: "Passphrase", type: "password", required: true, also: ["Backup-Passphrase"],
};

/// It is a header field, which takes ASCII as it is, and no blanks at its ends. Its length is for the API to say.
export function isSendable(passphrase) {
    return /^[\x20-\x7e]*$/.test(passphrase) && passphrase.trim() === passphrase;
}

export function unfit() {
    return new Problem({
        status: 0, code: "passphrase-unfit", title: "A value is wrong", detail: "The passphrase can't be one.",
        errors: [{
            field: "passphrase",
            detail: "must be of the characters on an English keyboard, without a blank at its ends",
        }],
    });
}
