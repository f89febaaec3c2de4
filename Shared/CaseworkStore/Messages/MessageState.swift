/// Where a message stands.
public enum MessageState: String, Sendable, Codable, CaseIterable {
    /// Waits for its turn.
    case pending
    /// Waits for a time: her hours, or the end of the desk's quiet hours.
    case scheduled
    /// An attempt has begun. It is found in this state after a crash: then it may have been sent.
    case sending
    /// A provider took it over.
    case sent
    /// The provider says that it arrived.
    case delivered
    /// It cannot be sent, or did not arrive.
    case failed
    /// The policy forbade it; somebody of the station has to act.
    case denied
    /// She asked for contact to stop.
    case cleared
    /// The desk does not want this kind of notice.
    case muted

    /// Whether nothing is sent any more.
    public var isSettled: Bool {
        switch self {
        case .pending, .scheduled, .sending: false
        case .sent, .delivered, .failed, .denied, .cleared, .muted: true
        }
    }
}

/// What a provider took over, for the record.
public struct SentRecord: Sendable, Equatable {
    public let provider: String
    /// The provider's own name for the message, when its receipts carry one.
    public let reference: String?
    public let segments: Int
    /// In thousandths of a fen.
    public let cost: Int64

    /// - Parameter reference: kept when it is a short word of printable ASCII: what a provider says is not ours.
    public init(provider: String, reference: String? = nil, segments: Int = 0, cost: Int64 = 0) {
        self.provider = provider
        self.reference = reference.flatMap { Self.isUsable($0) ? $0 : nil }
        self.segments = segments
        self.cost = cost
    }

    private static func isUsable(_ reference: String) -> Bool {
        (1...128).contains(reference.utf8.count) && reference.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// What became of a receipt.
public enum ReceiptResult: String, Sendable {
    case delivered
    case failed
    /// It said what was known already.
    case repeated
    /// It contradicts the final state; the trail has it.
    case late
    /// No message has that name with that provider.
    case unknown
}
