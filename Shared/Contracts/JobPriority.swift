public import Casework

extension RiskLevel {
    /// Where a case's jobs stand in line: 0 goes first, 4 is everybody's.
    public var jobPriority: Int {
        switch self {
        case .imminent: 0
        case .high: 1
        case .medium: 3
        case .low: 5
        }
    }
}
