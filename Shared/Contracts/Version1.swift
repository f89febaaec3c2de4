/// The version of a contract that has only one so far. It is written as `1`; arguments of any other version are refused
/// while decoding, so that an old worker never acts on what it cannot read: the job waits for a newer worker.
public struct Version1: Codable, Hashable, Sendable {
    public init() {}

    public init(from decoder: any Decoder) throws {
        let number = try decoder.singleValueContainer().decode(Int.self)
        guard number == 1 else {
            throw UnsupportedContractVersion(number: number)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(1)
    }
}

/// Job arguments of a version this program does not know.
public struct UnsupportedContractVersion: Error, Hashable, Sendable, CustomStringConvertible {
    public let number: Int

    public var description: String {
        "job arguments have version \(self.number), this program reads version 1: run a newer worker"
    }
}
