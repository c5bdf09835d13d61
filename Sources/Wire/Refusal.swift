/// Why the helper did not do what was asked: a code to act on, the field, the kernel's errno, when to come back, and words
/// for a person.
///
/// No refusal holds a secret, or any part of a frame that might.
public struct Refusal: Error, Sendable, Equatable {
    public enum Code: String, Sendable, CaseIterable {
        /// Not a frame, not JSON, or not the shape of the request. The connection is closed.
        case malformed
        /// No verb of that name. The connection is closed.
        case unknownVerb = "unknown_verb"
        /// The verb is not allowed in this state of the connection. The connection is closed.
        case outOfOrder = "out_of_order"
        /// The helper's own policy forbids it, whoever asks.
        case policy
        /// More than a request may hold, or the helper keeps.
        case limit
        /// The link, security association or policy exists and is not ours.
        case notOurs = "not_ours"
        /// What is to be changed does not exist; read the state again.
        case notFound = "not_found"
        /// The sealed secret is damaged, or of another key, object, class or purpose.
        case unsealable
        /// The kernel, or wireguard-go, refused; `errno` tells why.
        case kernel
        /// The launcher could not start the program.
        case launcher
        /// The packet filter refused; the rules are as they were.
        case filter
        /// The budget of reveals is used up for now.
        case rate
    }

    public let code: Code
    /// The member that is at fault, such as `peers[3].endpoint`; nil if it is none in particular.
    public let field: String?
    /// The kernel's error number (errno(3)); nil if the kernel had no part in it.
    public let errno: Int32?
    /// After how many whole seconds the same would be done; nil but for ``Code/rate``.
    public let retryAfter: UInt64?
    public let message: String

    public init(
        _ code: Code, _ message: String, field: String? = nil, errno: Int32? = nil, retryAfter: UInt64? = nil
    ) {
        self.code = code
        self.field = field
        self.errno = errno
        self.retryAfter = retryAfter
        self.message = message
    }

    /// Whether the connection on which it happened is closed: after these nothing that follows can be trusted.
    public var closesConnection: Bool {
        switch code {
        case .malformed, .unknownVerb, .outOfOrder: true
        case .policy, .limit, .notOurs, .notFound, .unsealable, .kernel, .launcher, .filter, .rate: false
        }
    }
}

extension Refusal: Message {
    public init(reader: inout MemberReader) throws(Refusal) {
        let word: String = try reader.required("code")
        guard let code = Code(rawValue: word) else {
            throw Refusal(.malformed, "unknown refusal code \(word.quoted)", field: reader.path("code"))
        }
        let field: String? = try reader.optional("field")
        let number: Errno? = try reader.optional("errno")
        let retryAfter: UInt64? = try reader.optional("retry_after")
        self.init(
            code, try reader.required("message"), field: field, errno: number?.rawValue, retryAfter: retryAfter)
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("code", code.rawValue)
            writer.add("field", field)
            writer.add("errno", errno.map(Errno.init(validated:)))
            writer.add("retry_after", retryAfter)
            writer.add("message", message)
        }.members
    }

    /// An error number of errno(3).
    private struct Errno: NumberValue {
        static let range: ClosedRange<Int32> = 1...4095
        let rawValue: Int32
        init(validated: Int32) { rawValue = validated }
    }
}

extension Refusal: CustomStringConvertible {
    public var description: String {
        "\(code.rawValue): \(field.map { "\($0): " } ?? "")\(message)\(errno.map { " (errno \($0))" } ?? "")"
    }
}
