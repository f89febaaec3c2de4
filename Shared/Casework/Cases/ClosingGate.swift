public import FoundationEssentials

/// A call-back 回访 before closing: whether what the agencies report is so for her.
public struct CallBack: Hashable, Sendable {
    public enum Result: String, Sendable, Codable, CaseIterable {
        /// She confirms the outcome.
        case confirmed
        /// She says it is not settled: the case goes back to routing.
        case notSettled = "not_settled"
        /// She is in danger, or says that it is not over: the case goes back to routing as one of great danger.
        case unsafe
        /// Nobody answered.
        case unreachable
        /// Her safe-contact rule allows no call: a supervisor looked at the case instead.
        case notAllowed = "not_allowed"
    }

    public let result: Result
    public let at: Date
    public let by: StaffID
    /// 1 to 5, when she was willing to say.
    public let satisfaction: Int?

    /// `nil` when the satisfaction is not from 1 to 5.
    public init?(_ result: Result, at: Date, by: StaffID, satisfaction: Int? = nil) {
        guard satisfaction.map({ (1...5).contains($0) }) ?? true else { return nil }
        self.result = result
        self.at = at
        self.by = by
        self.satisfaction = satisfaction
    }
}

extension CallBack.Result {
    /// Whether what was reported does not hold for her: an open case goes on, a closed one is opened again.
    public var isBad: Bool {
        switch self {
        case .notSettled, .unsafe: true
        case .confirmed, .unreachable, .notAllowed: false
        }
    }
}

/// Whether a case may be closed: nothing is open, the danger is over, and somebody called back.
public enum ClosingGate {
    public enum Obstacle: String, Sendable, Codable, CaseIterable {
        /// Somebody still has to do something.
        case openReferral = "open_referral"
        /// A referral came to nothing and nothing took its place.
        case unreplacedFailure = "unreplaced_failure"
        /// Life is held to be in danger.
        case dangerStands = "danger_stands"
        /// Nobody has called back since the last outcome.
        case noCallBack = "no_call_back"
        /// She says it is not settled.
        case notSettled = "not_settled"
        /// She was called on fewer than three different days.
        case tooFewAttempts = "too_few_attempts"
    }

    /// On how many different days somebody who does not answer is called.
    public static let attempts = 3

    /// What stands in the way; empty when the case may be closed.
    ///
    /// - Parameters:
    ///   - settledAt: when the last referral ended; call-backs before that do not count.
    ///   - withoutReplacement: whether a referral failed and none took its place.
    public static func obstacles(
        _ progress: CaseProgress, risk: RiskLevel, isSafe: Bool, withoutReplacement: Bool, callBacks: [CallBack],
        settledAt: Date
    ) -> [Obstacle] {
        var obstacles: [Obstacle] = []
        if progress.referrals.contains(where: { $0.status.isOpen }) { obstacles.append(.openReferral) }
        if withoutReplacement { obstacles.append(.unreplacedFailure) }
        if risk == .imminent, !isSafe { obstacles.append(.dangerStands) }
        if let missing = self.callBackObstacle(callBacks.filter { $0.at >= settledAt }) { obstacles.append(missing) }
        return obstacles
    }

    private static func callBackObstacle(_ callBacks: [CallBack]) -> Obstacle? {
        guard let last = callBacks.max(by: { $0.at < $1.at }) else { return .noCallBack }
        switch last.result {
        case .confirmed, .notAllowed: return nil
        case .notSettled, .unsafe: return .notSettled
        case .unreachable:
            let days = Set(callBacks.filter { $0.result == .unreachable }.map { LocalDate(inBeijing: $0.at) })
            return days.count >= Self.attempts ? nil : .tooFewAttempts
        }
    }
}
