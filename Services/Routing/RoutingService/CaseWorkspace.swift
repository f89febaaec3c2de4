import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Everything routing knows of one case inside one transaction that holds the case's row.
struct CaseWorkspace {
    let outline: CaseOutline
    let people: [PersonRecord]
    /// How they may be reached, by person.
    let contactRules: [UUID: [ContactRuleRecord]]
    /// The case's division and those around it with their stations, and their agencies.
    let surroundings: NetworkCache.Surroundings
    /// The rules in force.
    let active: RuleSetCache.Active
    let facts: CaseFacts

    init(_ snapshot: CaseSnapshot, in surroundings: NetworkCache.Surroundings, under active: RuleSetCache.Active) {
        let outline = snapshot.outline
        var facts = outline.record.facts
        facts.divisionPath = surroundings.path.map(\.division.code)
        facts.ownerLevel =
            surroundings.path.first { $0.station?.id == outline.record.ownerStationID }?.division.level
            ?? outline.record.division.level
        facts.consents = snapshot.consents
        facts.excludedAgencies = Set(outline.referrals.filter(\.ruledItselfOut).map(\.agencyID))
        facts.outcomes = Set(outline.referrals.compactMap(\.outcome))
        facts.breaches = outline.clocks.filter { $0.status == .breached }.count
        self.outline = outline
        self.people = snapshot.people
        self.contactRules = snapshot.contactRules
        self.surroundings = surroundings
        self.active = active
        self.facts = facts
    }

    var record: CaseRecord { self.outline.record }
    var referrals: [ReferralRecord] { self.outline.referrals }
    /// What the referrals say of the case: without those whose end does not hold.
    var summaries: [ReferralSummary] { self.outline.summaries }
    var clocks: [ClockRecord] { self.outline.clocks }
    /// Whether the rules have decided on the case before.
    var isRouted: Bool { self.outline.moment.isRouted }
    /// The database's clock.
    var now: Date { self.outline.moment.now }
    var path: [DivisionStep] { self.surroundings.path }
    var agencies: [UUID: RoutableAgency] { self.surroundings.agencies }
    var directory: AgencyDirectory { self.surroundings.directory }

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
        self.outline.runningClocks(of: kind, referral: referral)
    }
}

extension CaseOutline {
    var summaries: [ReferralSummary] { self.referrals.filter { !$0.isPast }.map(\.summary) }

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
