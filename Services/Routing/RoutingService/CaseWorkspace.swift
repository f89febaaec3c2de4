import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Everything routing knows of one case inside one transaction that holds the case's row.
struct CaseWorkspace {
    let record: CaseRecord
    let people: [PersonRecord]
    let referrals: [ReferralRecord]
    let clocks: [ClockRecord]
    /// The case's division and those around it, nearest first, with their stations.
    let path: [DivisionStep]
    let agencies: [UUID: RoutableAgency]
    let directory: AgencyDirectory
    let facts: CaseFacts
    /// The database's clock.
    let now: Date

    /// Locks the case and reads it whole.
    static func load(_ caseID: UUID, in transaction: PostgresTransaction) async throws -> CaseWorkspace {
        let cases = CaseStore()
        let record = try await cases.lock(caseID, in: transaction)
        let referrals = try await ReferralStore().of(caseID: caseID, on: transaction)
        let path = try await DivisionStore().path(of: record.division, on: transaction)
        let agencies = try await AgencyStore().at(divisions: path.map(\.division.code), on: transaction)

        var facts = record.facts
        facts.divisionPath = path.map(\.division.code)
        facts.ownerLevel =
            path.first { $0.station?.id == record.ownerStationID }?.division.level ?? record.division.level
        facts.consents = try await cases.consents(of: caseID, on: transaction)
        facts.excludedAgencies = Set(referrals.filter(\.ruledItselfOut).map(\.agencyID))
        return CaseWorkspace(
            record: record, people: try await cases.people(of: caseID, on: transaction), referrals: referrals,
            clocks: try await ClockStore().of(caseID: caseID, on: transaction), path: path,
            agencies: Dictionary(agencies.map { ($0.agency.id, $0) }) { first, _ in first },
            directory: AgencyDirectory(agencies.map(\.agency)), facts: facts,
            now: try await DatabaseClock.now(on: transaction))
    }

    /// The station at a division of the case's path.
    func station(of division: DivisionCode) -> Station? {
        self.path.first { $0.division.code == division }?.station
    }

    /// The station one level above the present owner; nil at the top.
    func stationAboveOwner() -> Station? {
        guard let index = self.path.firstIndex(where: { $0.station?.id == self.record.ownerStationID }) else {
            return self.path.compactMap(\.station).last
        }
        return self.path[(index + 1)...].lazy.compactMap(\.station).first
    }

    func runningClocks(of kind: ClockKind, referral: UUID? = nil) -> [ClockRecord] {
        self.clocks.filter {
            $0.status == .running && $0.kind == kind && (referral == nil || $0.referralID == referral)
        }
    }
}

extension ReferralRecord {
    /// The agency refused the case or stayed silent: it is not asked again.
    var ruledItselfOut: Bool {
        [.rejected, .objected, .cancelled].contains(self.status)
    }

    var summary: ReferralSummary {
        ReferralSummary(agencyKind: self.agencyKind, purpose: self.purpose, status: self.status, outcome: self.outcome)
    }
}

/// The one clock of rows and due times.
enum DatabaseClock {
    private static let now = Statement(name: "routing_clock", "SELECT clock_timestamp()")

    static func now(on executor: some PostgresExecutor) async throws -> Date {
        guard let row = try await executor.execute(Self.now).first else { throw CaseworkError(code: .unreadableRow) }
        return try row.decode(Date.self)
    }
}
