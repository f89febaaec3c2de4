import Casework

/// What keeps a case from being where it must end.
enum CaseComparison {
    /// One line for each difference; empty when there is none.
    static func differences(_ expected: ExpectedCase, _ observed: ObservedCase) -> [String] {
        var lines: [String] = []
        if expected.caseStatus != observed.caseStatus {
            lines.append("case_status: expected \(expected.caseStatus.rawValue), is \(observed.caseStatus.rawValue)")
        }
        if expected.ownerLevel != observed.ownerLevel {
            lines.append("owner_level: expected \(expected.ownerLevel.rawValue), is \(observed.ownerLevel.rawValue)")
        }
        lines += self.referrals(expected.referrals, observed.referrals)
        lines += Set(expected.withheld).subtracting(observed.withheld).map { "withheld: missing \(self.text($0))" }
            .sorted()
        lines += observed.withheld.subtracting(expected.withheld).map { "withheld: unexpected \(self.text($0))" }
            .sorted()
        lines += expected.events.filter { !observed.events.contains($0) }.map { "events: missing \($0)" }
        lines += self.unmatched(expected.messages, observed.messages).map { "messages: missing \(self.text($0))" }
        lines += self.unmatched(observed.messages, expected.messages).map { "messages: unexpected \(self.text($0))" }
        return lines
    }

    /// A referral that is there in another state or step is one line, not two.
    private static func referrals(
        _ expected: [ExpectedCase.Referral], _ observed: [ExpectedCase.Referral]
    ) -> [String] {
        var unexpected = self.unmatched(observed, expected)
        var lines: [String] = []
        for missing in self.unmatched(expected, observed) {
            if let index = unexpected.firstIndex(where: { self.subject($0) == self.subject(missing) }) {
                let found = unexpected.remove(at: index)
                lines.append(
                    "referrals: \(self.subject(missing)): expected \(self.state(missing)), is \(self.state(found))")
            } else {
                lines.append("referrals: missing \(self.subject(missing)) \(self.state(missing))")
            }
        }
        return lines + unexpected.map { "referrals: unexpected \(self.subject($0)) \(self.state($0))" }
    }

    /// What of the first list has no equal of its own in the second.
    private static func unmatched<Element: Equatable>(_ these: [Element], _ those: [Element]) -> [Element] {
        var rest = those
        return these.filter { element in
            guard let index = rest.firstIndex(of: element) else { return true }
            rest.remove(at: index)
            return false
        }
    }

    private static func subject(_ referral: ExpectedCase.Referral) -> String {
        "\(referral.agencyKind) \(referral.division) \(referral.purpose)"
    }

    private static func state(_ referral: ExpectedCase.Referral) -> String {
        "\(referral.status.rawValue) (\(referral.step.rawValue))"
    }

    private static func text(_ withheld: ExpectedCase.Withheld) -> String {
        "\(withheld.agencyKind) \(withheld.purpose) (\(withheld.why.rawValue))"
    }

    private static func text(_ message: ExpectedCase.Message) -> String {
        "\(message.to.rawValue) \(message.result)"
    }
}
