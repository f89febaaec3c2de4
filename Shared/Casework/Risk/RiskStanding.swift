public import FoundationEssentials

/// Who assesses a risk: a member of staff, by an opaque id.
public struct StaffID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { self.rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What makes an assessment of danger out of date at once.
public enum RiskEvent: String, Sendable, Codable, CaseIterable {
    /// 与求助人联系
    case contact
    /// 离开、分居
    case leaving
    /// 提起离婚
    case divorceFiled = "divorce_filed"
    /// 开庭
    case hearing
    /// 保护令作出、到期
    case protectionOrderIssued = "protection_order_issued"
    case protectionOrderExpires = "protection_order_expires"
    /// 加害人获释
    case respondentReleased = "respondent_released"
    /// 加害人违反保护令、告诫书
    case orderBroken = "order_broken"
    /// 离开庇护场所、回家
    case leftShelter = "left_shelter"
    /// 安全转介没有结果
    case safetyReferralFailed = "safety_referral_failed"
}

/// Why a level may be lowered; each needs a second person.
public enum RiskLoweringReason: String, Sendable, Codable, CaseIterable {
    /// 危险已经消除（如加害人被羁押、已异地安置）
    case dangerRemoved = "danger_removed"
    /// 原来的回答记录有误
    case recordedInError = "recorded_in_error"
}

/// How dangerous a case is held to be, and how that came about. It is raised by anybody at any time; it is lowered only by
/// two different people, and never below what the danger items that still stand give.
///
/// Free text never comes here: what a text suggests is asked, and the answer is an item.
public struct RiskStanding: Hashable, Sendable {
    public struct Proposal: Hashable, Sendable {
        public let level: RiskLevel
        /// Items that no longer stand.
        public let withdrawn: Set<RiskItem>
        public let reason: RiskLoweringReason
        public let by: StaffID
        public let at: Date

        public init(
            level: RiskLevel, withdrawn: Set<RiskItem>, reason: RiskLoweringReason, by: StaffID, at: Date
        ) {
            self.level = level
            self.withdrawn = withdrawn
            self.reason = reason
            self.by = by
            self.at = at
        }
    }

    /// How long a proposal waits for a second person: what is older was made on what was known then.
    public static let proposalLife: Double = 24 * 3600

    public private(set) var level: RiskLevel
    public private(set) var screening: RiskScreening
    public private(set) var assessedAt: Date
    /// What a first person proposed and a second has not confirmed.
    public private(set) var proposal: Proposal?
    private let categories: Set<Category>

    public init(_ screening: RiskScreening, categories: Set<Category>, at now: Date) {
        self.screening = screening
        self.categories = categories
        self.level = screening.level(for: categories)
        self.assessedAt = now
    }

    /// A standing as it was kept.
    public init(
        restoring level: RiskLevel, _ screening: RiskScreening, categories: Set<Category>, assessedAt: Date,
        proposal: Proposal?
    ) {
        self.level = level
        self.screening = screening
        self.categories = categories
        self.assessedAt = assessedAt
        self.proposal = proposal
    }

    /// Adds the answers of another assessment. The level can only rise; a proposal to lower it is void when anything new
    /// was answered.
    public mutating func assess(_ answers: RiskScreening, at now: Date) {
        let before = self.screening
        self.screening.add(answers)
        self.level = self.level.raised(to: self.screening.level(for: self.categories))
        if self.screening != before { self.proposal = nil }
        self.assessedAt = max(self.assessedAt, now)
    }

    /// Raises the level on somebody's judgement.
    public mutating func raise(to level: RiskLevel, at now: Date) {
        guard level > self.level else { return }
        self.level = level
        self.proposal = nil
        self.assessedAt = max(self.assessedAt, now)
    }

    /// A first person proposes a lower level. Nothing is lowered yet.
    public mutating func propose(
        _ level: RiskLevel, withdrawing items: Set<RiskItem> = [], because reason: RiskLoweringReason,
        by staff: StaffID,
        at now: Date
    ) throws(RiskLoweringError) {
        guard level < self.level else { throw RiskLoweringError(code: .notLower, least: self.level) }
        let least = self.least(without: items)
        guard level >= least else { throw RiskLoweringError(code: .itemsStand, least: least) }
        self.proposal = Proposal(level: level, withdrawn: items, reason: reason, by: staff, at: now)
    }

    /// A second person confirms, and the level is lowered. Returns what was confirmed, to be recorded.
    public mutating func confirm(by staff: StaffID, at now: Date) throws(RiskLoweringError) -> Proposal {
        guard let proposal, now < proposal.at.addingTimeInterval(Self.proposalLife) else {
            throw RiskLoweringError(code: .noProposal, least: self.level)
        }
        guard staff != proposal.by else { throw RiskLoweringError(code: .samePerson, least: self.level) }
        self.screening = RiskScreening(self.screening.items.subtracting(proposal.withdrawn))
        self.level = proposal.level
        self.proposal = nil
        self.assessedAt = max(self.assessedAt, now)
        return proposal
    }

    /// Whether the assessment has to be made anew: after an event at once, else after the level's interval.
    public func isStale(at now: Date, events: some Sequence<(RiskEvent, Date)>, intervals: RiskReviewIntervals) -> Bool
    {
        if events.contains(where: { $0.1 > self.assessedAt && $0.1 <= now }) { return true }
        return intervals[self.level].map { now >= self.assessedAt.addingTimeInterval($0) } ?? false
    }

    private func least(without items: Set<RiskItem>) -> RiskLevel {
        let left = RiskScreening(self.screening.items.subtracting(items))
        return left.level(for: self.categories)
    }
}

/// After how many seconds an assessment is old, by level; a level that is left out is looked at on events alone.
public typealias RiskReviewIntervals = [RiskLevel: Double]

/// Why a level is not lowered.
public struct RiskLoweringError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        case notLower = "not_lower"
        /// The danger items that stand give a higher level.
        case itemsStand = "items_stand"
        /// Nothing was proposed, or too long ago, or something was learnt since.
        case noProposal = "no_proposal"
        /// The second person must be another one.
        case samePerson = "same_person"
    }

    public let code: Code
    /// The lowest level that could be proposed.
    public let least: RiskLevel

    public var description: String { "the level stays (\(self.code.rawValue)); at least \(self.least.rawValue)" }
}
