import HTTPTypes
import Wire

extension Operations {
    private static let path = "/api/v1/users"
    private static let one = "/api/v1/users/{id}"

    static let users: [Operation] = [
        Operation(
            method: .get, path: path, id: "listUsers", topic: .users, summary: "List users",
            details: "`q` is part of the name.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "User"),
                    examples: [Example("one", "One user", ["data": [user], "total": 1])])
            ]),
        Operation(
            method: .post, path: path, id: "createUser", topic: .users, summary: "Make a user",
            details: """
                Who logs in with a name and a password. `scopes` must be said: nobody makes an administrator by leaving a word \
                out. Of the password only a hash (Argon2id) is stored.
                """,
            body: BodyDescription(
                .named("UserCreation"),
                Example(
                    "anna", "A user who can change tunnels",
                    ["username": "anna", "password": "correct horse battery", "scopes": ["vpn:write"]])),
            answers: [
                .created(
                    "It is made.", Shapes.data(.named("User")), .eTag, .location,
                    examples: [Example("anna", "The new user", ["data": user])],
                    leadsTo: [
                        .id("getUser"), .id("changeUser"), .id("createOneTimePassword"),
                        .id("confirmOneTimePassword"), .id("deleteOneTimePassword"), .id("deleteUser"),
                    ])
            ], problems: [.nameInUse, .tooManyRequests]),
        Operation(
            method: .get, path: one, id: "getUser", topic: .users, summary: "Read a user",
            details: "Without the password.", answers: [read]),
        Operation(
            method: .patch, path: one, id: "changeUser", topic: .users, summary: "Change a user",
            details: "Another password, or other scopes, end all sessions of the user.",
            body: BodyDescription(
                .named("UserPatch"), Example("reader", "A user who can only read", ["scopes": ["vpn:read"]])),
            answers: [read], problems: [.nameInUse, .tooManyRequests, .preconditionFailed]),
        Operation(
            method: .delete, path: one, id: "deleteUser", topic: .users, summary: "Delete a user",
            details: "With all sessions.", answers: [.message("User deleted")], problems: [.preconditionFailed]),
        Operation(
            method: .post, path: one + "/totp", id: "createOneTimePassword", topic: .users,
            summary: "Make a secret for an authenticator",
            details: """
                RFC 6238: SHA-1, 6 digits, 30 s. A log-in needs it only when a code of it has been confirmed; another one \
                takes the place of one that is not.
                """,
            answers: [
                .created(
                    "It is made, and shown this once.", Shapes.data(.named("OneTimePasswordSecret")), .eTag, .location,
                    .notStored,
                    examples: [
                        Example(
                            "anna", "The secret, in three forms",
                            [
                                "data": [
                                    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                                    "otpauth_uri":
                                        "otpauth://totp/AiFw:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=AiFw",
                                    "qr_svg": #"<svg xmlns="http://www.w3.org/2000/svg" role="img"></svg>"#,
                                ]
                            ])
                    ], leadsTo: [])
            ], problems: [.conflict, .preconditionFailed]),
        Operation(
            method: .put, path: one + "/totp", id: "confirmOneTimePassword", topic: .users,
            summary: "Confirm an authenticator",
            details: "From now on each log-in needs a code, and all sessions end. A wrong code is 422.",
            body: BodyDescription(
                .named("OneTimePasswordConfirmation"), Example("code", "What it shows", ["code": "123456"])),
            answers: [read], problems: [.conflict, .preconditionFailed]),
        Operation(
            method: .delete, path: one + "/totp", id: "deleteOneTimePassword", topic: .users,
            summary: "Do without an authenticator", details: "A log-in needs the password only; all sessions end.",
            answers: [.message("TOTP removed", .eTag)], problems: [.preconditionFailed]),
    ]

    private static let read = SuccessfulAnswer.json(
        "The user.", Shapes.data(.named("User")), .eTag, examples: [Example("anna", "A user", ["data": user])])

    static let user: JSON = [
        "id": .text(Samples.userID), "username": "anna", "scopes": ["vpn:write"], "has_totp": false,
        "created_at": Samples.time, "updated_at": Samples.time, "last_login_at": nil,
    ]
}
