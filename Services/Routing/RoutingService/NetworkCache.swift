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

    private struct State {
        var version: Int64 = 0
        var known: [DivisionCode: Surroundings] = [:]
    }

    /// Some 100 agencies each; what has piled up is read again when it is needed.
    private static let most = 512

    private let state = NIOLockedValueBox(State())

    func around(
        _ division: DivisionCode, version: Int64, on executor: some PostgresExecutor
    ) async throws -> Surroundings {
        let known = self.state.withLockedValue { $0.version == version ? $0.known[division] : nil }
        if let known { return known }
        let path = try await DivisionStore().path(of: division, on: executor)
        let agencies = try await AgencyStore().at(divisions: path.map(\.division.code), on: executor)
        let found = Surroundings(
            path: path, agencies: Dictionary(agencies.map { ($0.agency.id, $0) }) { first, _ in first },
            directory: AgencyDirectory(agencies.map(\.agency)))
        self.state.withLockedValue { state in
            guard state.version <= version else { return }
            if state.version < version || state.known.count >= Self.most {
                state = State(version: version)
            }
            state.known[division] = found
        }
        return found
    }
}
