/// The arguments of one kind of job: ids only, never personal data (they are stored in clear and shown to operators).
///
/// Arguments are encoded as a JSON object. A kind whose arguments change gets a higher `version`, and `upgrade` reads those
/// that older producers wrote. A job whose version is higher than this program's waits for a newer worker; it is neither
/// misread nor given up.
public protocol JobArguments: Codable, Sendable {
    /// The kind these arguments belong to.
    static var kind: JobKind { get }

    /// The version this program writes, from 1. It is stored under the key `version`; arguments without one are version 1.
    static var version: Int { get }

    /// Reads arguments of a version below `version`.
    /// - Parameter decoder: of the stored JSON object.
    /// - Throws: what decoding throws, or `UnsupportedJobVersion` when that version is no longer read.
    static func upgrade(from version: Int, _ decoder: any Decoder) throws -> Self
}

extension JobArguments {
    public static var version: Int { 1 }

    public static func upgrade(from version: Int, _ decoder: any Decoder) throws -> Self {
        throw UnsupportedJobVersion(kind: Self.kind, version: version, known: Self.version)
    }
}

/// Stored arguments of a version that this program cannot read.
public struct UnsupportedJobVersion: Error, Hashable, Sendable, CustomStringConvertible {
    public let kind: JobKind
    /// What is stored.
    public let version: Int
    /// What this program writes.
    public let known: Int

    public init(kind: JobKind, version: Int, known: Int) {
        self.kind = kind
        self.version = version
        self.known = known
    }

    /// Whether a newer program will be able to read them.
    public var isNewer: Bool { self.version > self.known }

    public var description: String {
        let remedy = self.isNewer ? "run a newer worker" : "enqueue the work anew"
        return "\(self.kind) has arguments of version \(self.version), this program reads \(self.known): \(remedy)"
    }
}
