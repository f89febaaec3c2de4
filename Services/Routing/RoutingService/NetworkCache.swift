import Casework
import CaseworkStore
import FoundationEssentials
import NIOConcurrencyHelpers
import PostgresClient

/// The divisions, stations and agencies around the places cases come from, kept for as long as the network's version
/// stands.
///
/// The version is read in the transaction that uses the copy, before the copy is. What is read a moment later may be
/// newer than the version it is kept under: the next look finds a newer version, and reads again.
final class NetworkCache: Sendable {
    /// What surrounds one division.
    struct Surroundings: Sendable {
        /// The division and those around it with their stations, nearest first.
        let path: [DivisionStep]
        let agencies: [UUID: RoutableAgency]
        let directory: AgencyDirectory
    }

    /// A case's division, and where else its facts say an agency may be responsible.
    private struct Place: Hashable {
        let division: DivisionCode
        let others: Set<DivisionCode>
    }

    private struct State {
        var version: Int64 = 0
        var known: [Place: Surroundings] = [:]
        var alliances: [Alliance]?
    }

    /// Some 100 agencies each; what has piled up is read again when it is needed.
    private static let most = 512

    private let calendar: HolidayCalendar
    private let state = NIOLockedValueBox(State())

    init(calendar: HolidayCalendar) {
        self.calendar = calendar
    }

    /// - Parameter others: divisions beside the case's own in which an agency may be responsible, such as the respondent's
    ///   home: they and those around them are looked in, too. So are the members of alliances that the case's divisions
    ///   belong to.
    func around(
        _ division: DivisionCode, and others: Set<DivisionCode> = [], version: Int64, on executor: some PostgresExecutor
    ) async throws -> Surroundings {
        let place = Place(division: division, others: others)
        let known = self.state.withLockedValue { $0.version == version ? $0.known[place] : nil }
        if let known { return known }
        let alliances = try await self.alliances(version: version, on: executor)
        let path = try await DivisionStore().path(of: division, on: executor)
        let codes = path.map(\.division.code)
        let wanted = Set(codes).union(others.flatMap(\.path)).union(alliances.flatMap { $0.partners(along: codes) })
        let agencies = try await AgencyStore().at(divisions: wanted.sorted(), on: executor)
        let found = Surroundings(
            path: path, agencies: Dictionary(agencies.map { ($0.agency.id, $0) }) { first, _ in first },
            directory: AgencyDirectory(
                agencies.map(\.agency), alliances: alliances,
                load: Dictionary(agencies.compactMap { agency in agency.load.map { (agency.agency.id, $0) } }) { $1 },
                calendar: self.calendar))
        // How many referrals an agency has changes with every case: such a copy is good for one look.
        guard agencies.allSatisfy({ $0.load == nil }) else { return found }
        self.state.withLockedValue { state in
            guard state.version <= version else { return }
            if state.version < version || state.known.count >= Self.most {
                state = State(version: version, alliances: alliances)
            }
            state.known[place] = found
        }
        return found
    }

    private func alliances(version: Int64, on executor: some PostgresExecutor) async throws -> [Alliance] {
        let known = self.state.withLockedValue { $0.version == version ? $0.alliances : nil }
        if let known { return known }
        let found = try await AgencyStore().alliances(on: executor)
        self.state.withLockedValue { state in
            guard state.version <= version else { return }
            if state.version < version { state = State(version: version) }
            state.alliances = found
        }
        return found
    }
}
