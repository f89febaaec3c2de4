import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// What she agreed to is looked at again, under lock, when a package is read: a withdrawal that commits first wins, one that
/// comes while it is read waits.
@Suite struct HeldConsentTests {
    /// How she takes it back.
    enum Change: CaseIterable {
        case withdrawal, refusal
    }

    @Test(arguments: Change.allCases)
    func whatComesWhileAPackageIsReadWaits(_ change: Change) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let (asked, goOn) = (TestSignal<Bool>("the door has asked"), TestSignal<Void>("go on"))
            let changed = TestSignal<Void>("it was taken back")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await casework.pool.withTransaction("t_read") { transaction in
                        asked.send(try await Self.may(casework, referral.id, transaction))
                        try await goOn.wait()
                        // The bytes leave: nothing that was committed meanwhile says no.
                        #expect(try await Self.may(casework, referral.id, transaction))
                    }
                }
                #expect(try await asked.wait())
                group.addTask {
                    try await Self.take(change, casework, new)
                    changed.send()
                }
                try await Self.eventuallyWaitsForConsent(casework.pool)
                #expect(changed.pending == 0)
                goOn.send()
                try await group.waitForAll()
            }
            #expect(try await casework.status(of: referral.id, in: new.id) == .revoked)
        }
    }

    @Test(arguments: Change.allCases)
    func whatCommitsFirstWins(_ change: Change) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let (taken, commit) = (TestSignal<Void>("it is taken back"), TestSignal<Void>("commit"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await Self.take(change, casework, new) {
                        taken.send()
                        try await commit.wait()
                    }
                }
                try await taken.wait()
                group.addTask {
                    let may = try await Self.mayRead(casework, referral.id)
                    #expect(!may)
                }
                try await Self.eventuallyWaitsForConsent(casework.pool)
                commit.send()
                try await group.waitForAll()
            }
        }
    }

    /// Many at once, in every order: nobody waits for ever, and nothing is shown after what was taken back.
    @Test func readersAndChangesDoNotBlockEachOtherForEver() async throws {
        try await withCasework(maximumConnections: 8) { casework in
            let new = try await casework.openCase()
            let first = try await casework.refer(new.id)
            let second = try await casework.refer(new.id, to: casework.justice, purpose: .legalAid)
            let legalAid = Consent(agencyKinds: [.justiceBureau], purpose: .legalAid, status: .granted)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<24 {
                    group.addTask {
                        switch round % 4 {
                        case 0:
                            try await casework.act { store, transaction in
                                _ = try await store.record(
                                    legalAid, on: new.number, by: casework.worker, in: transaction)
                            }
                        case 1:
                            try await casework.pool.withTransaction("t_both") { transaction in
                                _ = try await Self.may(casework, first.id, transaction)
                                _ = try await transaction.execute(Self.locked, casework.justice, second.id)
                            }
                        default:
                            _ = try await Self.mayRead(casework, first.id)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await Self.take(.withdrawal, casework, new)
            #expect(try await !Self.mayRead(casework, first.id))
        }
    }

    /// What every door asks before bytes leave.
    private static func may(
        _ casework: CaseworkFixture, _ referral: UUID, _ transaction: PostgresTransaction
    ) async throws -> Bool {
        try #require(try await transaction.execute(Self.locked, casework.civilAffairs, referral).first)
            .decode(Bool.self)
    }

    /// In a transaction of its own.
    private static func mayRead(_ casework: CaseworkFixture, _ referral: UUID) async throws -> Bool {
        try await casework.pool.withTransaction("t_read") { try await Self.may(casework, referral, $0) }
    }

    private static func take(
        _ change: Change, _ casework: CaseworkFixture, _ new: NewCase,
        beforeCommit: @Sendable () async throws -> Void = {}
    ) async throws {
        try await casework.act { store, transaction in
            switch change {
            case .withdrawal:
                _ = try await store.withdraw(
                    .init(purpose: .safePlacement), on: new.number, by: casework.worker, in: transaction)
            case .refusal:
                _ = try await store.record(
                    Consent(agencyKinds: [.civilAffairs], purpose: .safePlacement, status: .refused), on: new.number,
                    by: casework.worker, in: transaction)
            }
            try await beforeCommit()
        }
    }

    /// Somebody stands in line for a row of the consents, not for the referral's.
    private static func eventuallyWaitsForConsent(_ pool: PostgresPool) async throws {
        try await eventually("somebody waits for the consent") {
            try #require(try await pool.execute(Self.waiting).first).decode(Bool.self)
        }
    }

    private static let locked = Statement(
        name: "t_locked", "SELECT may_disclose FROM casework.lock_agency_referral($1, $2, NULL)")
    private static let waiting = Statement(
        name: "t_waiting",
        """
        SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'tuple' AND relation = 'casework.consent'::regclass)
            AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())
        """)
}
