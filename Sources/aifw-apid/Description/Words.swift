/// The longer words of the description.
enum Words {
    static let overview = """
        The VPN control plane of a firewall. JSON in snake_case, times of RFC 3339 in UTC, ids that are UUIDs in lower case.

        An answer of 2xx to a write means: stored durably, and applied wherever the kernel is concerned. What the kernel \
        refuses is 502, and 503 means that the privileged helper can't be reached; in both cases nothing has changed.

        One object or a list comes as `{"data": …}`, at times with `warnings`; delete, start and stop answer \
        `{"message": …}`; `status` and `next-ip` are bare objects. Lists take `limit`, `cursor`, `q` and `sort`.

        What is wrong comes as `application/problem+json` (RFC 9457) with all faults, not the first: `type` tells kinds \
        apart and is part of the contract, `detail` and `errors` are words for people. A path that is not here is 404, a \
        method that a path does not have is 405 with `Allow`; `HEAD` is answered wherever `GET` is.

        A member that is not known here, a wrong type, `51820.0` for a whole number and two spellings of one member that \
        differ are 422; so is a query parameter that is not known. PUT and PATCH (RFC 7396) both keep what is left out; \
        `null` clears; PUT needs the required members. Members that can be read and not set may be sent back unchanged.
        """

    static let bearer = """
        A token, which begins with `aifw_`. Its scopes are `vpn:read`, `vpn:write` (changes), `vpn:secrets` \
        (configurations and QR codes, which hold keys) and `admin`; `vpn:write` and `vpn:secrets` imply `vpn:read`, `admin` \
        implies all. Over the Unix socket no token is needed: whom the socket's mode lets through is an administrator.
        """

    static let session = """
        The cookie of a log-in, for pages. What may change something needs the header `X-CSRF-Token` beside it, with the \
        `csrf_token` of the log-in or of `GET /api/v1/auth/session`. Where a token comes too, the token decides.
        """

    static let idempotencyKey = """
        Names one attempt to do something, best by a new UUID: the same request with the same key within 24 hours is done once, \
        and the first answer comes again; another path or body is 409. A secret that was shown once is not repeated.
        """

    static let readOnly = "Can be read and not set: sent back unchanged it is ignored, changed it is 422."
    static let ignored = "Taken and ignored, for clients that send it."
}
