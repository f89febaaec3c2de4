import Casework
import PostgresClient
import Testing

@testable import OperatorService

struct EventTextTests {
    private func line(_ kind: String, _ data: String, agency: String? = nil, referral: String? = nil) -> String {
        EventText.line(kind: kind, agency: agency, referral: referral, data: PostgresJSON(text: data))
    }

    @Test func aRejectionNamesReasonAndSuggestion() {
        #expect(
            self.line(
                "referral_rejected", #"{"lease":"x","reason":"not_our_duty","suggested_kind":"labour_arbitration"}"#,
                agency: "东胜区人社局", referral: "R-0000-0000")
                == "部门退回    东胜区人社局  不属于本部门职责，建议转劳动仲裁  R-0000-0000")
    }

    @Test func aClockShowsWhenItIsDue() {
        #expect(
            self.line("clock_started", #"{"kind":"referral_answer","due_at":"2026-11-23T02:00:00.123456+00:00"}"#)
                == "开始计时    部门答复，至 11-23 10:00")
    }

    @Test func aDecisionCountsItsTargets() {
        #expect(
            self.line("case_routed", #"{"rule_set_version":"1+demo","targets":[{"a":1},{"a":2}],"explanation":["x"]}"#)
                == "研判分流    规则 1+demo，转 2 个部门")
    }

    /// A newer version's events are still shown.
    @Test func whatThisVersionDoesNotKnowIsShownAsItIs() {
        #expect(self.line("case_merged", #"{"reason":{"deep":1}}"#) == "case_merged ")
        #expect(self.line("case_closed", #"{"outcome":7}"#) == "结案        ")
        #expect(self.line("case_closed", "[]").hasPrefix("结案"))
    }

    @Test func everyKindOfEventHasALabel() {
        for kind in CaseEventKind.allCases { #expect(kind.chinese != kind.rawValue && kind.chinese.displayWidth <= 12) }
    }
}
