public import FoundationEssentials

/// Something that happens to a case and starts a time by law, beside its referrals.
public enum MilestoneKind: String, Sendable, Codable, CaseIterable {
    /// 人身安全保护令生效：reminders before it ends
    case protectionOrderInForce = "protection_order_in_force"
    /// 驳回保护令申请
    case protectionOrderRefused = "protection_order_refused"
    /// 出具告诫书
    case warningLetterIssued = "warning_letter_issued"
    /// 达成调解协议
    case agreementReached = "agreement_reached"
    /// 入住庇护场所
    case shelterStay = "shelter_stay"
    /// 申请离婚登记
    case divorceFiled = "divorce_filed"
    /// 收到仲裁裁决
    case arbitrationAward = "arbitration_award"
    /// 收到信访处理意见
    case petitionAnswered = "petition_answered"
    /// 收到信访复查意见
    case petitionReviewed = "petition_reviewed"
    /// 不予法律援助
    case legalAidRefused = "legal_aid_refused"
    /// 先行提供法律援助
    case advanceAidGiven = "advance_aid_given"

    /// The milestone an outcome of a referral is; `nil` when it starts no time.
    public init?(_ outcome: Outcome) {
        switch outcome {
        case .protectionOrderRefused: self = .protectionOrderRefused
        case .warningLetterIssued: self = .warningLetterIssued
        case .agreementReached, .reconciled: self = .agreementReached
        case .placedSafely: self = .shelterStay
        case .legalAidRefused: self = .legalAidRefused
        case .dangerAverted, .reportAccepted, .protectionOrderIssued, .guardianshipArranged, .mediationFailed,
            .separatedSafely, .returnedHome, .legalAidGranted, .counsellingGiven, .aidDelivered, .employed,
            .trainingArranged, .treated, .adviceGiven, .resolved, .notResolved, .unreachable:
            return nil
        }
    }
}

/// What a milestone starts, as the rule set says.
public struct Milestone: Hashable, Sendable {
    /// Clocks that count from the milestone.
    public let clocks: [ClockName]
    /// Reminders that count back from the day what began ends.
    public let reminders: [ClockName]

    public init(clocks: [ClockName] = [], reminders: [ClockName] = []) {
        self.clocks = clocks
        self.reminders = reminders
    }
}

/// A clock that a milestone asks for.
public struct PlannedClock: Hashable, Sendable {
    public let definition: ClockDefinition
    public let dueAt: Date
}

extension RuleSet {
    /// The clocks and reminders a milestone starts, soonest first.
    ///
    /// - Parameters:
    ///   - instant: when it happened.
    ///   - until: the last day of what began, for reminders, such as the last day of a protection order.
    ///   - now: reminders whose time has passed are due now, once: only the nearest of them is kept.
    public func clocks(
        after kind: MilestoneKind, at instant: Date, until: LocalDate? = nil, calendar: HolidayCalendar, now: Date
    ) -> [PlannedClock] {
        guard let milestone = self.milestones[kind] else { return [] }
        let counted = milestone.clocks.compactMap { self.clocks[$0] }.map {
            PlannedClock(definition: $0, dueAt: calendar.due($0.duration, from: instant))
        }
        guard let until else { return counted.sorted { $0.dueAt < $1.dueAt } }
        let reminders = milestone.reminders.compactMap { self.clocks[$0] }.map {
            PlannedClock(definition: $0, dueAt: calendar.reminder($0.duration, before: until))
        }
        let missed = reminders.filter { $0.dueAt <= now }.max { $0.dueAt < $1.dueAt }
        let ahead = reminders.filter { $0.dueAt > now }
        let catchUp =
            until >= LocalDate(inBeijing: now)
            ? missed.map { [PlannedClock(definition: $0.definition, dueAt: now)] } ?? [] : []
        return (counted + catchUp + ahead).sorted { $0.dueAt < $1.dueAt }
    }
}

extension HolidayCalendar {
    /// When to remind of a day so long before it: at nine in the morning, so that somebody reads it.
    public func reminder(_ before: ClockDuration, before day: LocalDate) -> Date {
        let nine = 9.0 * 3600
        switch before {
        case .elapsed(let seconds):
            return day.adding(days: 1).startInBeijing.addingTimeInterval(-Double(seconds))
        case .calendarDays(let days):
            return day.adding(days: -days).startInBeijing.addingTimeInterval(nine)
        case .workingDays(let days):
            var day = day
            var left = days
            while left > 0 {
                day = day.adding(days: -1)
                if self.isWorkingDay(day) { left -= 1 }
            }
            return day.startInBeijing.addingTimeInterval(nine)
        }
    }
}
