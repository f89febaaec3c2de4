import Casework
import CaseworkStore
import Crypto
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// Whose keys are is asked for together, and each is answered for itself, by what holds at that moment.
@Suite struct CallerRoundTests {
    private static let revoke = Statement(
        name: "t_revoke_key", "UPDATE casework.agency_key SET revoked_at = clock_timestamp() WHERE agency_id = $1")

    @Test func keysThatComeTogetherAreEachTheirOwn() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(4, offers: 0).map(\.agency)
            let rounds = gateway.parts.rounds
            let keys = agencies.map(\.key) + ["nobody's"]
            // It had a key when it came, and has none any more when it is looked for.
            let revoked = agencies[1].id
            let found = try await self.find(keys, by: rounds) {
                try await gateway.network.pool.execute(Self.revoke, revoked)
            }
            #expect(found == [agencies[0].id, nil, agencies[2].id, agencies[3].id, nil])
            // Alone, while none of it runs, it is the same.
            for (key, expected) in zip(keys, found) {
                #expect(try await rounds.caller(keyHash: Self.hash(key))?.agency.id == expected)
            }
        }
    }

    /// Has all gather; then `meanwhile`, then one round.
    private func find(
        _ keys: [String], by rounds: GatewayRounds, meanwhile: () async throws -> Void
    ) async throws -> [UUID?] {
        rounds.callers.open()
        return try await withThrowingTaskGroup(of: (Int, UUID?)?.self) { group in
            for (place, key) in keys.enumerated() {
                group.addTask { (place, try await rounds.caller(keyHash: Self.hash(key))?.agency.id) }
            }
            try await eventually("all gather") { rounds.callers.gathered == keys.count }
            try await meanwhile()
            group.addTask {
                try await rounds.callers.run()
                return nil
            }
            var found: [Int: UUID?] = [:]
            while found.count < keys.count, let next = try await group.next() {
                if let (place, id) = next { found[place] = id }
            }
            group.cancelAll()
            return keys.indices.map { found[$0] ?? nil }
        }
    }

    private static func hash(_ key: String) -> [UInt8] { Array(SHA256.hash(data: Array(key.utf8))) }
}
