import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// What staff do on a case, as intake does it for them: in one transaction with the job that has routing look.
extension NetworkFixture {
    static let worker = CaseActor(StaffID(rawValue: "S-0001"))
    static let supervisor = CaseActor(StaffID(rawValue: "S-0002"))

    func addStaff() async throws {
        for entry in try StaffFile(yaml: try Self.file("demo/staff.yaml")).entries {
            _ = try await StaffStore().put(entry, on: self.database.pool)
        }
    }

    func number(of caseID: UUID) async throws -> CaseNumber {
        let text = try #require(try await self.database.pool.execute(Self.numberOf, caseID).first).decode(String.self)
        return try #require(CaseNumber.parse(text))
    }

    @discardableResult
    func act<Value: Sendable>(
        on caseID: UUID, _ body: @Sendable (CaseNumber, PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        let number = try await self.number(of: caseID)
        return try await self.database.pool.withTransaction("act") { transaction in
            let value = try await body(number, transaction)
            try await self.jobs.enqueue(
                JobRequest(CaseChanged(caseID: caseID), queue: Queues.routing), in: transaction)
            return value
        }
    }

    func withdraw(_ withdrawal: ConsentStore.Withdrawal = .init(), on caseID: UUID) async throws {
        try await self.act(on: caseID) { number, transaction in
            _ = try await ConsentStore().withdraw(withdrawal, on: number, by: Self.worker, in: transaction)
        }
    }

    func callBack(_ result: CallBack.Result, on caseID: UUID) async throws {
        try await self.act(on: caseID) { number, transaction in
            _ = try await ClosingStore().recordCallBack(
                result, on: number, by: result == .notAllowed ? Self.supervisor : Self.worker,
                clocks: result.isBad ? self.ownersClocks : [:], in: transaction)
        }
    }

    /// The owner's own time by level, as intake counts it.
    private var ownersClocks: [RiskLevel: NewClock] {
        Dictionary(
            uniqueKeysWithValues: RiskLevel.allCases.map { risk in
                let clock = self.rules.caseAction(for: risk)
                let due = HolidayCalendar.weekendsOnly.due(clock.duration, from: Date())
                return (risk, NewClock(id: UUID(), name: clock.name, basis: clock.basis, dueAt: due))
            })
    }

    func object(_ referral: ReferralRecord) async throws {
        try await self.decline(referral, as: .objected)
    }

    /// Every referral is accepted and reported complete, until none is left to be.
    func complete(_ caseID: UUID, with outcome: Outcome) async throws {
        for _ in 0..<6 {
            let open = try await self.referrals(of: caseID).filter { [.requested, .received].contains($0.status) }
            guard !open.isEmpty else { return }
            for referral in open {
                try await self.accept(referral)
                try await self.report(referral, .completed, outcome)
            }
            try await self.route()
        }
    }

    func isClosed(_ caseID: UUID) async throws -> Bool {
        try await self.eventKinds(of: caseID).contains("case_closed")
    }

    /// What an agency could lease now.
    func handOvers(of agency: UUID) async throws -> [UUID] {
        try await self.database.pool.withTransaction("look") { transaction in
            let leased = try await self.jobs.claim(
                queue: Queues.agency(agency), limit: 20, leaseFor: .seconds(60), holder: "look", on: transaction)
            for job in leased { try await self.jobs.snooze(job, delay: .zero, on: transaction) }
            return try leased.map { try $0.decode(ReferralOffered.self).referralID }
        }
    }

    func notices(of caseID: UUID) async throws -> [String] {
        try await self.database.pool.execute(Self.noticesOf, caseID).map { try $0.decode(String.self) }
    }

    private static let numberOf = Statement(name: "test_number", "SELECT number FROM casework.cases WHERE id = $1")
    private static let noticesOf = Statement(
        name: "test_notices",
        "SELECT template FROM casework.message WHERE case_id = $1 AND audience = 'station' ORDER BY created_at")
}
