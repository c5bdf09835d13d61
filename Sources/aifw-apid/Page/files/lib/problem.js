/// An answer that is no success, in the words of the API (RFC 9457), or none at all.
export class Problem extends Error {
    /// `code` is what stands behind `/problems/`, or `offline`; `errors`: `[{field, detail}]`, all faults that were
    /// found.
    constructor({ status, code, title, detail, errors = [], retryAfter = null }) {
        super(detail);
        this.name = "Problem";
        this.status = status;
        this.code = code;
        this.title = title;
        this.detail = detail;
        this.errors = errors;
        this.retryAfter = retryAfter;
    }

    /// What stands for a request that got no answer.
    static offline() {
        return new Problem({
            status: 0,
            code: "offline",
            title: "No answer",
            detail: "The firewall does not answer. Whether it has done what was asked is not known; it shows when it "
                + "is back.",
        });
    }

    static async of(response) {
        const retryAfter = Number(response.headers.get("Retry-After")) || null;
        const type = response.headers.get("Content-Type") ?? "";
        if (type.startsWith("application/problem+json")) {
            const body = await response.json();
            const code = body.type.replace("/problems/", "");
            return new Problem({ ...body, status: response.status, code, retryAfter });
        }
        return new Problem({
            status: response.status,
            code: "unknown",
            title: `Status ${response.status}`,
            detail: `The answer was ${response.status} ${response.statusText}, without words.`,
            retryAfter,
        });
    }
}
