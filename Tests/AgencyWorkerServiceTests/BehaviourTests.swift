import FoundationEssentials
import Testing

@testable import AgencyWorkerService

@Suite struct BehaviourTests {
    private func behaviour(_ json: String) throws(WorkerExit) -> Behaviour {
        try Behaviour(json: Array(json.utf8), path: "behaviour.json")
    }

    @Test func anEmptyFileMeansAcceptAndComplete() throws {
        #expect(try self.behaviour("{}") == Behaviour())
        #expect(Behaviour().answer == .accept)
    }

    @Test func everyFieldIsRead() throws {
        let rejecting = try self.behaviour(
            #"{"answer":"reject","reason":"not_our_duty","suggested_agency_kind":"shelter","delay_milliseconds":250}"#)
        #expect(rejecting.answer == .reject)
        #expect(rejecting.reason == "not_our_duty")
        #expect(rejecting.suggestedAgencyKind == "shelter")
        #expect(rejecting.delay == .milliseconds(250))
        let accepting = try self.behaviour(#"{"answer":"accept","outcome":"placed_safely","progress":true}"#)
        #expect(accepting.outcome == "placed_safely")
        #expect(accepting.reportsProgress)
    }

    @Test(arguments: [
        "", "[]", #"{"answer":"maybe"}"#, #"{"answer":"reject"}"#, #"{"answer":"object"}"#, #"{"outcome":7}"#,
        #"{"delay_milliseconds":-1}"#, #"{"anwser":"accept"}"#, #"{"progress":"yes"}"#,
    ])
    func whatIsWrongIsSaidInOneLineWithTheFile(_ json: String) throws {
        let exit = #expect(throws: WorkerExit.self) { try self.behaviour(json) }
        #expect(exit?.code == .configuration)
        #expect(exit?.reason.contains("behaviour.json") == true)
        #expect(exit?.reason.contains("\n") == false)
    }
}
