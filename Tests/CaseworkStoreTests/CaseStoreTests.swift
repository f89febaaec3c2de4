import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct CaseStoreTests {
    @Test func unknownCaseCannotBeLocked() async throws {
        try await withCasework { casework in
            let code = await refusal {
                try await casework.pool.withTransaction("test_lock") { transaction in
                    _ = try await CaseStore().lock(UUID(), in: transaction)
                }
            }
            #expect(code == .unknownCase)
            let owner = try await CaseStore().owner(of: UUID(), on: casework.pool)
            #expect(owner == nil)
        }
    }

    @Test func aCaseMovesUpToAnotherStation() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let path = try await DivisionStore().path(of: CaseworkFixture.township, on: casework.pool)
            let county = try #require(path[1].station)
            let store = CaseStore()
            try await casework.pool.withTransaction("test_move_up") { transaction in
                let before = try await store.lock(new.id, in: transaction)
                let from = before.ownerStationID
                try store.changeOwner(
                    of: new.id, to: county.id, reason: "clock_breached", actor: "routing", in: transaction)
                try store.recordEscalation(
                    of: new.id, referral: nil, from: from, data: try PostgresJSON(encoding: ["to": "county"]),
                    in: transaction)
                let after = try await store.lock(new.id, in: transaction)
                #expect(after.version == before.version + 1)
            }
            #expect(try await store.owner(of: new.id, on: casework.pool) == county.id)
            #expect(try await casework.events(of: new.id).suffix(2) == ["owner_changed", "case_escalated"])
            #expect(
                try await OperatorStore().caseOverview(number: new.number, on: casework.pool)?.ownerLevel == .county)
        }
    }

    @Test func aDecisionIsRecordedUnderItsRuleVersion() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let owner = try #require(try await CaseStore().owner(of: new.id, on: casework.pool))
            try await casework.pool.withTransaction("test_decision") { transaction in
                try CaseStore().record(
                    [
                        CaseDecision(
                            of: new.id, ruleVersion: casework.ruleVersion,
                            explanation: try PostgresJSON(encoding: ["rules": ["shelter"]]), owner: owner)
                    ],
                    in: transaction)
            }
            let entry = try #require(try await OperatorStore().timeline(of: new.id, on: casework.pool).last)
            #expect(entry.kind == "case_routed")
            #expect(entry.ruleVersion == casework.ruleVersion)
            #expect(try entry.data.decode([String: [String]].self) == ["rules": ["shelter"]])
        }
    }

    @Test func routingRecordsItsOwnKindsOfEventsOnly() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            func record(_ kind: CaseEventKind) async throws {
                try await casework.pool.withTransaction("test_event") { transaction in
                    try CaseStore().recordEvent(
                        of: new.id, kind: kind, ruleVersion: casework.ruleVersion,
                        data: try PostgresJSON(encoding: ["reason": "no_agency"]), in: transaction)
                }
            }
            try await record(.backstopUsed)
            #expect(try await casework.events(of: new.id).last == "backstop_used")
            #expect(await refusal { try await record(.referralAccepted) } == .referralState)
            #expect(try await casework.events(of: new.id).last == "backstop_used")
        }
    }

    @Test func safetyIsConfirmedOnceAndStandsInTheFacts() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            var answers: [Bool] = []
            for _ in 0..<2 {
                try await casework.pool.withTransaction("test_safety") { transaction in
                    answers.append(try await CaseStore().confirmSafety(of: new.id, in: transaction))
                }
            }
            #expect(answers == [true, false])
            let record = try await casework.pool.withTransaction("test_lock") { transaction in
                try await CaseStore().lock(new.id, in: transaction)
            }
            #expect(record.facts.flags == new.facts.flags.union([.safe]))
            #expect(try await casework.events(of: new.id).filter { $0 == "safety_confirmed" }.count == 1)
        }
    }

    @Test func operatorsSeeReferralsAndClocks() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let first = try await casework.refer(new.id)
            let second = try await casework.refer(new.id, to: casework.justice, predecessor: first.id)
            _ = try await casework.startClock(.referralAnswer, of: new.id, referral: first.id, dueIn: 60)
            let referrals = try await OperatorStore().referrals(of: new.id, on: casework.pool)
            #expect(referrals.map(\.number) == [first.number, second.number])
            #expect(referrals.map(\.predecessor) == [nil, first.number])
            #expect(referrals.first?.agencyCode == "150104-civil-affairs")
            #expect(try referrals.first?.explanation.decode([String: String].self) == ["rule": "shelter"])
            let clocks = try await OperatorStore().clocks(of: new.id, on: casework.pool)
            #expect(clocks.map(\.kind) == [.firstResponse, .referralAnswer])
            #expect(clocks.map(\.referral) == [nil, first.number])
            #expect(clocks.allSatisfy { $0.endedAt == nil })
        }
    }
}
