import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct GatewayStoreTests {
    /// Everything an agency can do to a referral.
    enum Step: CaseIterable, Sendable {
        case received, accept, reject, object, progress, outcome

        func run(
            _ gateway: GatewayStore, agency: UUID, referral: UUID, in transaction: PostgresTransaction
        ) async throws {
            switch self {
            case .received:
                try gateway.postReceived(agency: agency, referral: referral, lease: UUID(), in: transaction)
            case .accept:
                try gateway.postAccept(agency: agency, referral: referral, lease: UUID(), in: transaction)
            case .reject:
                try gateway.postDecline(
                    agency: agency, referral: referral, lease: UUID(), as: .rejected, reason: .notOurDuty,
                    suggestedKind: .court, in: transaction)
            case .object:
                try gateway.postDecline(
                    agency: agency, referral: referral, lease: UUID(), as: .objected, reason: .notOurJurisdiction,
                    suggestedKind: nil, in: transaction)
            case .progress:
                try await gateway.progress(agency: agency, referral: referral, to: .inProgress, in: transaction)
            case .outcome:
                try await gateway.outcome(
                    agency: agency, referral: referral, as: .completed, outcome: .placedSafely, in: transaction)
            }
        }
    }

    @Test(arguments: Step.allCases)
    func anAgencyCannotTouchAnothersReferral(step: Step) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            if step == .progress || step == .outcome { try await Self.run(.accept, referral.id, casework) }
            let before = try await casework.status(of: referral.id, in: new.id)
            let events = try await casework.events(of: new.id)
            let code = await refusal {
                try await casework.step { gateway, transaction in
                    try await step.run(gateway, agency: casework.justice, referral: referral.id, in: transaction)
                }
            }
            #expect(code == .notThisAgencys)
            #expect(try await casework.status(of: referral.id, in: new.id) == before)
            #expect(try await casework.events(of: new.id) == events)
            // The same step by the agency it was given to goes through.
            try await Self.run(step, referral.id, casework)
        }
    }

    @Test func anAgencySeesItsOwnReferralsOnly() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let mine = try await casework.refer(new.id)
            let theirs = try await casework.refer(new.id, to: casework.justice)
            let store = GatewayStore()
            let agency = casework.civilAffairs
            #expect(try await store.referrals(of: agency, on: casework.pool).map(\.id) == [mine.id])
            #expect(try await store.referral(number: mine.number, of: agency, on: casework.pool)?.id == mine.id)
            #expect(try await store.referral(id: mine.id, of: agency, on: casework.pool)?.number == mine.number)
            #expect(try await store.referral(number: theirs.number, of: agency, on: casework.pool) == nil)
            #expect(try await store.referral(id: theirs.id, of: agency, on: casework.pool) == nil)
        }
    }

    @Test(arguments: [Step.accept, .reject, .object])
    func anAnswerIsGivenOnce(second: Step) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            try await Self.run(.accept, referral.id, casework)
            #expect(await refusal { try await Self.run(second, referral.id, casework) } == .referralState)
            #expect(try await casework.status(of: referral.id, in: new.id) == .accepted)
        }
    }

    @Test func oneOfTwentyConcurrentAnswersIsTaken() async throws {
        try await withCasework(maximumConnections: 10) { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let taken = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        await refusal { try await Self.run(number % 2 == 0 ? .accept : .reject, referral.id, casework) }
                            == nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 1)
            let answers = try await casework.events(of: new.id).filter {
                $0 == "referral_accepted" || $0 == "referral_rejected"
            }
            #expect(answers.count == 1)
        }
    }

    @Test func aReferralRunsItsCourse() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            #expect(await refusal { try await Self.run(.outcome, referral.id, casework) } == .referralState)
            for step in [Step.received, .received, .accept, .progress, .progress, .outcome] {
                try await Self.run(step, referral.id, casework)
            }
            let stored = try #require(
                try await GatewayStore().referral(id: referral.id, of: casework.civilAffairs, on: casework.pool))
            #expect(stored.status == .completed)
            #expect(stored.outcome == .placedSafely)
            #expect(stored.receivedAt != nil)
            #expect(stored.answeredAt != nil)
            #expect(stored.settledAt != nil)
            #expect(await refusal { try await Self.run(.progress, referral.id, casework) } == .referralState)
            let timeline = try await OperatorStore().timeline(of: new.id, on: casework.pool)
            let completed = try #require(timeline.last)
            #expect(completed.kind == "referral_completed")
            #expect(completed.actorKind == "agency")
            #expect(completed.actor == "150104-civil-affairs")
            #expect(completed.referral == referral.number)
        }
    }

    /// An agency's door cannot set a status that is not the agency's to set, whatever it claims to come from.
    @Test func progressAndOutcomeTakeTheirOwnStatusesOnly() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            try await Self.run(.accept, referral.id, casework)
            let progress = await refusal {
                _ = try await casework.step { gateway, transaction in
                    try await gateway.progress(
                        agency: casework.civilAffairs, referral: referral.id, to: .closedVerified, in: transaction)
                }
            }
            let outcome = await refusal {
                _ = try await casework.step { gateway, transaction in
                    try await gateway.outcome(
                        agency: casework.civilAffairs, referral: referral.id, as: .cancelled, outcome: .resolved,
                        in: transaction)
                }
            }
            #expect(progress == .referralState)
            #expect(outcome == .referralState)
        }
    }

    @Test func aKeyWorksUntilItIsRevokedOrTheAgencySuspended() async throws {
        try await withCasework { casework in
            let agencies = AgencyStore()
            let first = try await agencies.addKey(
                agency: casework.civilAffairs, keyHash: hash(11), label: "2026", on: casework.pool)
            _ = try await agencies.addKey(
                agency: casework.civilAffairs, keyHash: hash(12), label: "old", on: casework.pool)
            func agency(_ key: UInt8) async throws -> UUID? {
                try await GatewayStore().callers(keyHashes: [hash(key)], on: casework.pool)[hash(key)]?.agency.id
            }
            #expect(try await agency(11) == casework.civilAffairs)
            #expect(try await agency(12) == casework.civilAffairs)
            #expect(try await agency(13) == nil)
            #expect(try await agencies.revokeKeys(of: casework.civilAffairs, except: first, on: casework.pool) == 1)
            #expect(try await agency(12) == nil)
            #expect(try await agency(11) == casework.civilAffairs)
            #expect(try await agencies.setStatus(.suspended, code: "150104-civil-affairs", on: casework.pool))
            #expect(try await agency(11) == nil)
            #expect(try await agencies.setStatus(.suspended, code: "no-such", on: casework.pool) == false)
        }
    }

    @Test func aWebhookDeliveryIsSettledOnce() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let store = GatewayStore()
            let id = try await casework.step { gateway, transaction in
                try gateway.addWebhookDelivery(
                    agency: casework.civilAffairs, referral: referral.id, event: "referral.offered", in: transaction)
            }
            let pending = try #require(try await store.webhookDelivery(id, on: casework.pool))
            #expect(pending.state == .pending)
            #expect(pending.referralNumber == referral.number)
            #expect(pending.url == nil)
            try await store.settleWebhookDelivery(id, as: .delivered, on: casework.pool)
            try await store.settleWebhookDelivery(id, as: .failed, on: casework.pool)
            #expect(try await store.webhookDelivery(id, on: casework.pool)?.state == .delivered)
            #expect(try await store.webhookDelivery(UUID(), on: casework.pool) == nil)
        }
    }

    private static func run(_ step: Step, _ referral: UUID, _ casework: CaseworkFixture) async throws {
        try await casework.step { gateway, transaction in
            try await step.run(gateway, agency: casework.civilAffairs, referral: referral, in: transaction)
        }
    }
}
