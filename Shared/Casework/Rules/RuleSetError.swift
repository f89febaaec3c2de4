/// One thing wrong with a rule set.
public struct RuleProblem: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// Not YAML, or not of the rules' shape.
        case shape
        /// A key the language does not have.
        case unknownKey = "unknown_key"
        /// A required key is missing.
        case missingKey = "missing_key"
        /// A value the language does not have, such as an unknown stage or flag.
        case unknownWord = "unknown_word"
        case duplicateID = "duplicate_id"
        case unknownClock = "unknown_clock"
        /// A clock nothing refers to.
        case unusedClock = "unused_clock"
        /// A clock is longer than its law allows.
        case clockTooLong = "clock_too_long"
        /// A risk level has no case clock.
        case missingCaseClock = "missing_case_clock"
        /// A rule, target or clock names no law.
        case missingBasis = "missing_basis"
        /// No backstop rule matches every case.
        case missingBackstop = "missing_backstop"
        /// A rule without a condition that does not say `always`.
        case emptyCondition = "empty_condition"
        /// A rule that does nothing.
        case emptyRule = "empty_rule"
        /// A condition that no case can satisfy.
        case contradiction
        /// A rule that changes nothing, because an earlier one already does all of it.
        case unreachable
        /// A target without consent in a stage where consent is needed.
        case consentNotSkippable = "consent_not_skippable"
        /// A mediation committee asked for something else than mediation, which would dodge the violence flag.
        case hiddenMediation = "hidden_mediation"
        /// Two rules that can hold together and want what excludes each other.
        case conflict
        /// A profile that discloses more than the purpose needs.
        case profileTooWide = "profile_too_wide"
        /// Rules that set each other aside in a circle.
        case cycle
        /// A rule would set aside a rule of safety or a mandatory report.
        case unsafeSetAside = "unsafe_set_aside"
        /// `sets_aside` names a rule that does not exist.
        case unknownRule = "unknown_rule"
        /// More questions than a decision can answer.
        case tooManyQuestions = "too_many_questions"
        /// A clock of safety or a mandatory report could be paused or extended.
        case unsafeClockChange = "unsafe_clock_change"
        /// Nobody is named who set the rule.
        case missingSetBy = "missing_set_by"
    }

    public let code: Code
    /// The rule it is about; `nil` when it is about the set.
    public let rule: String?
    /// The line in the file, from 1; 0 when there is none.
    public let line: Int
    public let message: String
    /// A case that shows the problem, as a scenario file writes it; `nil` when it shows in the text.
    public var example: String?

    public init(code: Code, rule: String?, line: Int, message: String, example: String? = nil) {
        self.code = code
        self.rule = rule
        self.line = line
        self.message = message
        self.example = example
    }

    public var description: String {
        let example = self.example.map { "\n    for example the case { \($0) }" } ?? ""
        let place = self.line > 0 ? "line \(self.line): " : ""
        let rule = self.rule.map { "rule \($0): " } ?? ""
        return "\(place)\(rule)\(self.message) (\(self.code.rawValue))\(example)"
    }
}

/// Everything wrong with a rule set. Nothing of it is used; the active version stays active.
public struct RuleSetError: Error, Hashable, Sendable, CustomStringConvertible {
    public let problems: [RuleProblem]

    public init(problems: [RuleProblem]) {
        self.problems = problems
    }

    public var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}
