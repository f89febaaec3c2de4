import FoundationEssentials

/// The private halves of the network's keys, which open what agencies wrote. They are with those who read, in files of their own, and
/// with no service: neither the doors nor routing can open a text.
public struct NetworkKeyring: Sendable, CustomStringConvertible, CustomReflectable {
    private let pairs: [String: AgencyKeyPair]

    public init(_ pairs: [AgencyKeyPair]) {
        self.pairs = Dictionary(pairs.map { ($0.publicKey.fingerprintText, $0) }, uniquingKeysWith: { $1 })
    }

    /// Reads the key files.
    /// - Throws: `KeyFileError`, which names the file and the remedy.
    public init(files: [String]) throws {
        self.init(try files.map(AgencyKeyPair.init(path:)))
    }

    /// The pair with this id, if it is kept here.
    public func pair(_ id: String) -> AgencyKeyPair? { self.pairs[id] }

    /// The ids, never the keys.
    public var description: String { "NetworkKeyring(\(self.pairs.keys.sorted().joined(separator: ", ")))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
