import HTTPTypes
import Wire

extension Operations {
    static let logins: [Operation] = [
        Operation(
            method: .post, path: "/api/v1/auth/login", id: "logIn", topic: .logins, summary: "Log in",
            details: """
                With a name and a password, and a one-time password where the user has an authenticator. Whether there is such a \
                user can be told neither from the answer nor from how long it takes. Failures slow further attempts down, for \
                the name and for the address. Open to all.
                """,
            body: BodyDescription(
                .named("LogIn"),
                Example(
                    "anna", "With an authenticator",
                    ["username": "anna", "password": "correct horse battery", "totp": "123456"])),
            answers: [
                .json(
                    "The session is in the cookie.", Shapes.data(.named("Session")), .cookie, .notStored,
                    examples: [
                        Example(
                            "anna", "A session",
                            [
                                "data": [
                                    "username": "anna", "scopes": ["vpn:write"], "csrf_token": "zN9dS4Yk2mR1…",
                                    "expires_at": Samples.time,
                                ]
                            ])
                    ])
            ], problems: [.loginFailed, .oneTimePasswordNeeded, .csrf, .tooManyRequests]),
        Operation(
            method: .post, path: "/api/v1/auth/logout", id: "logOut", topic: .logins, summary: "Log out",
            details: "Ends the session that the request came with; without one it is 409.",
            answers: [.message("Logged out", .cookie, .notStored)], problems: [.conflict]),
        Operation(
            method: .get, path: "/api/v1/auth/session", id: "getSession", topic: .logins, summary: "Who is asking",
            details: "For a page that was loaded anew: the token against other sites' requests.",
            answers: [
                .json(
                    "Whoever it is.", Shapes.data(.named("Caller")), .notStored,
                    examples: [
                        Example(
                            "token", "The holder of a token",
                            [
                                "data": [
                                    "kind": "token", "name": "monitoring", "scopes": ["vpn:read"],
                                    "csrf_token": nil, "expires_at": nil,
                                ]
                            ])
                    ])
            ]),
        Operation(
            method: .post, path: "/api/v1/auth/setup-code", id: "createSetUpCode", topic: .logins,
            summary: "Make a code for the first administrator",
            details: """
                Over the Unix socket only, elsewhere 403, and only while there is no user. It takes the place of the one \
                before.
                """,
            answers: [
                .created(
                    "It is made, and shown this once.", Shapes.data(.named("SetUpCode")), .notStored,
                    examples: [
                        Example(
                            "code", "A code",
                            ["data": ["code": "ABCDE-FGHIJ-KLMNO-PQRST-UVWXYZ", "expires_at": Samples.time]])
                    ], leadsTo: [])
            ], problems: [.setupDone]),
        Operation(
            method: .post, path: "/api/v1/auth/setup", id: "setUp", topic: .logins,
            summary: "Make the first administrator",
            details: "By a code from the host itself (`aifw admin setup-code`). Open to all, while there is no user.",
            body: BodyDescription(
                .named("SetUp"),
                Example(
                    "anna", "The first administrator",
                    [
                        "code": "ABCDE-FGHIJ-KLMNO-PQRST-UVWXYZ", "username": "anna",
                        "password": "correct horse battery",
                    ])),
            answers: [
                .created(
                    "The administrator is made.", Shapes.data(.named("User")), .eTag, .location,
                    examples: [Example("anna", "The user", ["data": user])], leadsTo: [])
            ], problems: [.setupCodeRefused, .setupDone, .csrf, .tooManyRequests]),
    ]

    static let audit: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/audit", id: "listAuditRecords", topic: .audit,
            summary: "Who has done what, and from where",
            details: "Every change, every reveal and every log-in, without secrets; the newest first.",
            parameters: [
                .query("limit", Shape.whole(1...1000).standard(100), "How many at most."),
                .query("cursor", .text, "The `next_cursor` of the page before, with the same `sort`."),
                .query("q", .text, "A part of the actor's or the object's name."),
                .query("sort", Shape.words(AuditQuery.Sort.self).standard("-revision"), "A minus has the last first."),
                .query("action", Shape.words(AuditAction.self), "Of this kind only."),
                .query("object", .text.format("uuid"), "About this object only."),
            ],
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "AuditRecord"), .notStored,
                    examples: [Example("one", "One record", ["data": [record], "total": 1])])
            ])
    ]

    private static let record: JSON = [
        "revision": 42, "time": Samples.time, "actor": ["kind": "token", "name": "monitoring"],
        "origin": "192.0.2.9", "action": "update",
        "object": ["type": "tunnel", "id": .text(Samples.tunnelID), "name": "office-vpn"],
        "changes": ["mtu": 1380],
    ]
}
