import Casework
import Foundation
import Testing

@testable import OperatorService

struct CaseComparisonTests {
    static let cases = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/demo/cases").path()

    private func expected() throws -> ExpectedCase {
        let cases = try DemoCase.load(directory: Self.cases)
        return try #require(cases.first { $0.name == "08-silent-linhe" }).expected
    }

    private func observed(_ expected: ExpectedCase) -> ObservedCase {
        ObservedCase(
            referrals: expected.referrals.reversed(), withheld: Set(expected.withheld), caseStatus: expected.caseStatus,
            ownerLevel: expected.ownerLevel, events: Set(expected.events + ["case_read"]), messages: expected.messages)
    }

    @Test func everyCaseOfTheDemonstrationIsRead() throws {
        let cases = try DemoCase.load(directory: Self.cases)
        #expect(cases.count == 8)
        #expect(cases.map(\.name) == cases.map(\.name).sorted())
        #expect(cases[1].label == "02 李女士（玉泉区）")
        for demo in cases {
            #expect(CaseComparison.differences(demo.expected, self.observed(demo.expected)).isEmpty, "\(demo.name)")
            #expect(demo.expected.events.allSatisfy { CaseEventKind(rawValue: $0) != nil }, "\(demo.name)")
        }
    }

    @Test func aReferralInAnotherStateIsOneLine() throws {
        let expected = try self.expected()
        var observed = self.observed(expected)
        observed.referrals = expected.referrals
        observed.referrals[0].status = .requested
        #expect(
            CaseComparison.differences(expected, observed) == [
                "referrals: civil_affairs 150802 social_assistance: expected cancelled (first), is requested (first)"
            ])
    }

    @Test func whatIsMissingAndWhatIsTooMuchIsNamed() throws {
        let expected = try self.expected()
        var observed = self.observed(expected)
        let last = try #require(expected.referrals.last)
        observed.referrals = [expected.referrals[0], expected.referrals[0]]
        observed.withheld = [.init(agencyKind: .police, purpose: .mediation, why: .violenceFlag)]
        observed.messages = []
        observed.events.remove("case_escalated")
        observed.caseStatus = .open
        observed.ownerLevel = .county
        #expect(last.step == .afterSilence)
        #expect(
            CaseComparison.differences(expected, observed) == [
                "case_status: expected closed, is open", "owner_level: expected league, is county",
                "referrals: missing civil_affairs 150800 social_assistance completed (after_silence)",
                "referrals: unexpected civil_affairs 150802 social_assistance cancelled (first)",
                "withheld: unexpected police mediation (violence_flag)", "events: missing case_escalated",
                "messages: missing help_seeker sent", "messages: missing help_seeker sent",
                "messages: missing help_seeker sent",
            ])
    }

    @Test func aMissingExpectationNamesTheFile() throws {
        try TemporaryDirectory.with { directory in
            try "{}".write(toFile: "\(directory)/01-x.json", atomically: true, encoding: .utf8)
            let failure = #expect(throws: CommandFailure.self) { try DemoCase.load(directory: directory) }
            #expect(failure?.status == .badData)
            #expect(failure?.reason.contains("01-x.expected.json") == true)
        }
    }
}
