import FoundationEssentials

/// A rule made ready to be applied: all that is the same for every case is put together once, so that a decision only
/// copies it. A class, since a rule has too many parts to be copied for each case it holds for.
final class PreparedRule: Sendable {
    let rule: Rule
    let targets: [PreparedTarget]
    let reasons: ReasonPlan
    /// What the rule says beside its referrals, in Chinese.
    let sentence: String?

    init(_ rule: Rule, reasons: ReasonPlan, clocks: ClockBook) {
        self.rule = rule
        self.targets = rule.targets.map { PreparedTarget($0, of: rule, clocks: clocks) }
        self.reasons = reasons
        self.sentence =
            if let note = rule.note {
                "\(rule.title)：\(note)（依据\(rule.basis)）。"
            } else if rule.lane == .green {
                "\(rule.title)：进入绿色通道（依据\(rule.basis)）。"
            } else {
                nil
            }
    }
}

/// One target of a rule, with the words of its explanation and all that its gates ask.
struct PreparedTarget: Sendable {
    /// What depends on whether the case is in the green channel.
    struct Times: Sendable {
        let answerClock: ClockName
        /// Of an answer that is due within hours; `nil` when it may take days.
        let answerSeconds: Int?
        let words: String
    }

    let target: RuleTarget
    let ordinary: Times
    let green: Times
    /// What allows it without consent, as the rule and its stage say.
    let consentFreeBasis: ConsentBasis?
    let bringsPartiesTogether: Bool
    let dataKinds: Set<ConsentDataKind>
    let opening: String
    let withheldOpening: String
    let purposeWords: String

    init(_ target: RuleTarget, of rule: Rule, clocks: ClockBook) {
        self.target = target
        self.ordinary = Self.times(target, target.answerClock, clocks)
        // In the green channel no answer takes longer than the channel allows; elsewhere the rule's own clock holds.
        self.green = Self.times(
            target, clocks.green.map { clocks.stricter(target.answerClock, $0) } ?? target.answerClock, clocks)
        self.consentFreeBasis = target.consentRequired ? nil : rule.stage.consentFreeBasis(for: target.agencyKind)
        self.bringsPartiesTogether = target.bringsPartiesTogether
        self.dataKinds = target.profile.dataKinds
        self.opening = "\(rule.title)：转"
        self.withheldOpening = "\(rule.title)：暂不转\(target.purpose.chinese)，"
        let persons = target.assignees > 1 ? "，\(target.assignees)人承办" : ""
        self.purposeWords = "（\(target.purpose.chinese)\(persons)）"
    }

    func times(in lane: RuleLane) -> Times {
        switch lane {
        case .ordinary: self.ordinary
        case .green: self.green
        }
    }

    private static func times(_ target: RuleTarget, _ answer: ClockName, _ clocks: ClockBook) -> Times {
        let duration = clocks.clocks[answer]?.duration
        var seconds: Int?
        if case .elapsed(let within) = duration { seconds = within }
        let outcome = clocks.clocks[target.outcomeClock]?.duration.chinese ?? ""
        return Times(
            answerClock: answer, answerSeconds: seconds, words: "；答复时限\(duration?.chinese ?? "")，办理时限\(outcome)。")
    }
}

/// The clocks of a rule set, as preparing a rule needs them.
struct ClockBook: Hashable, Sendable {
    let clocks: [ClockName: ClockDefinition]
    /// The longest an answer may take in the green channel.
    let green: ClockName?

    /// The shorter of two clocks; the first when they are as long.
    func stricter(_ left: ClockName, _ right: ClockName) -> ClockName {
        guard left != right else { return left }
        let leftSeconds = self.clocks[left]?.duration.approximateSeconds ?? Int.max
        let rightSeconds = self.clocks[right]?.duration.approximateSeconds ?? Int.max
        return rightSeconds < leftSeconds ? right : left
    }
}

extension PreparedRule: Hashable {
    static func == (left: PreparedRule, right: PreparedRule) -> Bool { left.rule == right.rule }

    func hash(into hasher: inout Hasher) { hasher.combine(self.rule) }
}
