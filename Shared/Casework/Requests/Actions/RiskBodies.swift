public import FoundationEssentials

/// The answers of an assessment of danger: which items were answered yes, and on what occasion.
public struct AssessmentBody: Sendable, Hashable {
    public let by: StaffID
    public let occasion: RiskEvent
    public let answers: RiskScreening
    /// A level somebody holds right whatever the items give; it only ever raises.
    public let level: RiskLevel?

    public init(by: StaffID, occasion: RiskEvent, answers: RiskScreening, level: RiskLevel?) {
        self.by = by
        self.occasion = occasion
        self.answers = answers
        self.level = level
    }

    /// Reads `{by, occasion, items, level}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> AssessmentBody {
        try ActionBody.read(data, fields: ["occasion", "items", "level"]) { reader, problems in
            reader.require("occasion", &problems)
            let by = reader.staff(&problems)
            let occasion = reader.word("occasion", as: RiskEvent.self, &problems)
            let items = reader.words("items", of: RiskItem.allCases, &problems)
            let level = reader.word("level", as: RiskLevel.self, &problems)
            guard let by, let occasion else { return nil }
            return AssessmentBody(by: by, occasion: occasion, answers: RiskScreening(Set(items)), level: level)
        }
    }
}

/// A first person would lower the level.
public struct LoweringBody: Sendable, Hashable {
    public let by: StaffID
    public let level: RiskLevel
    /// Items that no longer stand.
    public let withdrawing: Set<RiskItem>
    public let reason: RiskLoweringReason

    public init(by: StaffID, level: RiskLevel, withdrawing: Set<RiskItem>, reason: RiskLoweringReason) {
        self.by = by
        self.level = level
        self.withdrawing = withdrawing
        self.reason = reason
    }

    /// Reads `{by, level, withdrawing, reason}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> LoweringBody {
        try ActionBody.read(data, fields: ["level", "withdrawing", "reason"]) { reader, problems in
            for name in ["level", "reason"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let level = reader.word("level", as: RiskLevel.self, &problems)
            let items = reader.words("withdrawing", of: RiskItem.allCases, &problems)
            let reason = reader.word("reason", as: RiskLoweringReason.self, &problems)
            guard let by, let level, let reason else { return nil }
            return LoweringBody(by: by, level: level, withdrawing: Set(items), reason: reason)
        }
    }
}

/// An action that needs nobody but who answers for it.
public struct StaffBody: Sendable, Hashable {
    public let by: StaffID

    /// Reads `{by}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> StaffBody {
        try ActionBody.read(data, fields: []) { reader, problems in
            reader.staff(&problems).map { StaffBody(by: $0) }
        }
    }
}

/// What came of asking what a text suggested.
public struct TriageAnswerBody: Sendable, Hashable {
    public let by: StaffID
    /// As the suggestion names it, such as `risk_item:weapon`.
    public let subject: String
    public let isSo: Bool

    /// The danger item a yes adds; `nil` for a subject of another kind.
    public var item: RiskItem? {
        self.subject.hasPrefix("risk_item:") ? RiskItem(rawValue: String(self.subject.dropFirst(10))) : nil
    }

    public init(by: StaffID, subject: String, isSo: Bool) {
        self.by = by
        self.subject = subject
        self.isSo = isSo
    }

    /// Reads `{by, subject, is_so}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> TriageAnswerBody {
        try ActionBody.read(data, fields: ["subject", "is_so"]) { reader, problems in
            for name in ["subject", "is_so"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let subject = reader.text("subject", limit: 80, &problems)
            let isSo = reader.flag("is_so", &problems)
            guard let by, let subject, let isSo else { return nil }
            return TriageAnswerBody(by: by, subject: subject, isSo: isSo)
        }
    }
}
