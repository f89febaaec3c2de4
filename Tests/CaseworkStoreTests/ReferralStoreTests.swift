import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct ReferralStoreTests {
    @Test func aReferralComesBackAsItWasMade() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let stored = try #require(try await ReferralStore().of(caseID: new.id, on: casework.pool).first)
            #expect(stored.id == referral.id)
            #expect(stored.number == referral.number)
            #expect(stored.agencyID == casework.civilAffairs)
            #expect(stored.agencyKind == .civilAffairs)
            #expect(stored.status == .requested)
            #expect(stored.tier == .county)
            #expect(stored.priority == 1)
            #expect(stored.consentBasis == .consent)
            #expect(stored.outcomeClock == referral.outcomeClock)
            #expect(try stored.explanation.decode([String: String].self) == ["rule": "shelter"])
            #expect(
                try await ReferralStore().cases(of: [referral.id, UUID()], on: casework.pool) == [referral.id: new.id])
        }
    }

    @Test func noTwoLiveReferralsAskOneAgencyForTheSame() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let first = try await casework.refer(new.id)
            #expect(await refusal { try await casework.refer(new.id) } == .liveReferralExists)
            try await casework.refer(new.id, purpose: .materialAid)
            try await casework.step { gateway, transaction in
                try gateway.postDecline(
                    agency: casework.civilAffairs, referral: first.id, lease: UUID(), as: .rejected,
                    reason: .noCapacity, suggestedKind: nil, in: transaction)
            }
            try await casework.refer(new.id)
            #expect(try await ReferralStore().of(caseID: new.id, on: casework.pool).count == 3)
        }
    }

    @Test func aReferralIsReplacedOnce() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let first = try await casework.refer(new.id)
            try await casework.refer(new.id, to: casework.justice, predecessor: first.id)
            let code = await refusal {
                try await casework.refer(new.id, to: casework.justice, purpose: .legalAid, predecessor: first.id)
            }
            #expect(code == .alreadyReplaced)
        }
    }

    @Test func statusChangesFollowTheStateMachine() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            func set(_ status: ReferralStatus) async throws {
                try await casework.pool.withTransaction("test_set_status") { transaction in
                    try await ReferralStore().setStatus(
                        of: referral.id, to: status, code: "consent_withdrawn", actor: "routing", in: transaction)
                }
            }
            #expect(await refusal { try await set(.closedVerified) } == .referralState)
            try await set(.revoked)
            #expect(await refusal { try await set(.cancelled) } == .referralState)
            let stored = try await ReferralStore().of(caseID: new.id, on: casework.pool).first
            #expect(stored?.status == .revoked)
            #expect(stored?.reasonCode == "consent_withdrawn")
            #expect(stored?.settledAt != nil)
            #expect(try await casework.events(of: new.id).last == "referral_revoked")
        }
    }
}
