/// A job's number inside the database. It grows with every job, so it reveals volume and never leaves the network:
/// outside, a job is known by its random alias.
public struct JobID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public var description: String { "\(self.rawValue)" }

    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Proof of being the one consumer a job is leased to: the primary's epoch and a number from a sequence.
///
/// A later lease is always greater. The epoch comes first because a sequence may repeat numbers after an asynchronous
/// failover, while the timeline of the promoted primary is always higher than the old one's.
public struct FencingToken: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let epoch: Int32
    public let number: Int64

    public init(epoch: Int32, number: Int64) {
        self.epoch = epoch
        self.number = number
    }

    public var description: String { "\(self.epoch).\(self.number)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.number) < (right.epoch, right.number)
    }
}
