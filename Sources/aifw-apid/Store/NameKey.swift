import Foundation

extension ObjectName {
    /// The name in Unicode's normal form C: equal for names that are canonically equivalent, and so unique in an index.
    var key: String { description.precomposedStringWithCanonicalMapping }
}
