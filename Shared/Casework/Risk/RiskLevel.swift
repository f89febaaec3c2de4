/// How dangerous a case is. The level is the case's priority everywhere: P0 to P3.
public enum RiskLevel: String, Sendable, Codable, CaseIterable, Comparable {
    /// P0: life is in danger now.
    case imminent
    /// P1: violence, or a minor is harmed.
    case high
    /// P2: rights and livelihood.
    case medium
    /// P3: advice.
    case low

    /// 0 for imminent, 3 for low: the priority of the case's jobs, smaller first.
    public var priority: Int {
        switch self {
        case .imminent: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }

    /// The higher of the two: a level may only be raised. Lowering one is a staff decision that needs a second person
    /// and has no function here.
    public func raised(to other: RiskLevel) -> RiskLevel {
        max(self, other)
    }

    /// A more dangerous level is greater: `.imminent > .low`.
    public static func < (left: Self, right: Self) -> Bool {
        left.priority > right.priority
    }
}
