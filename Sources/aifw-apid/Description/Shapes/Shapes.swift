import HTTPTypes
import Wire

/// The named schemas of the document.
enum Shapes {
    typealias Named = (name: String, shape: Shape)

    static let all: [Named] =
        problems + values + tunnels + imports + traffic + peers + associations + rules + summary + access + users
        + events + webhooks + backup

    /// `{"data": …}`, with `warnings` where an operation has something to say beside its success.
    static func data(_ schema: Shape, warnings: Bool = false) -> Shape {
        .object([.needed("data", schema)] + (warnings ? [.optional("warnings", .named("Warnings"))] : []))
    }

    /// A page of a list.
    static func page(of name: String) -> Shape {
        .object([
            .needed("data", .list(of: .named(name))),
            .optional("next_cursor", .text, "Where the next page begins; left out on the last one."),
            .needed("total", .whole(from: 0), "How many there are on all pages."),
        ])
    }

    // MARK: Problems

    private static let problems: [Named] = [
        (
            "Problem",
            .object([
                .needed("type", .named("ProblemType")),
                .needed("title", .text, "The kind of problem in words."),
                .needed("status", .whole(400...599), "The status of the answer."),
                .needed("detail", .text.notEmpty, "What was wrong and what to do, in words."),
                .optional("errors", .list(of: .named("Fault")), "Every value that was found wrong."),
            ]).described("What an answer says that is no success (RFC 9457).")
        ),
        (
            "ProblemType",
            Shape.any(
                of: ProblemCode.allCases.map { code in
                    .constant(.text(code.type)).described("\(code.status.code) · \(code.title)")
                }
            ).described("The kind of a problem; the list is closed.")
        ),
        (
            "Fault",
            .object([
                .needed("field", .text, "Where it is: `name`, `peers[3].name`, `limit`; empty for the whole."),
                .needed("detail", .text, "What it must be."),
            ])
        ),
        ("Warnings", Shape.list(of: .text).notEmpty.described("What is worth knowing although it is done.")),
    ]
}
