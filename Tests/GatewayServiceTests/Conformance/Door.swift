import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// The doors that the suite goes through.
enum Door: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sql
    case http
    case client

    var testDescription: String { self.rawValue }
}

/// A network with agencies that all stand at one door.
struct DoorNetwork: Sendable {
    let door: Door
    let gateway: GatewayHarness

    var network: NetworkFixture { self.gateway.network }

    /// An agency at the door, for as long as the body runs.
    func withAgency<Value: Sendable>(
        _ code: String,
        _ body: @escaping @Sendable (_ agency: NetworkFixture.Agency, _ door: any AgencyAtADoor) async throws -> Value
    ) async throws -> Value {
        let agency = try await self.network.addAgency(code)
        switch self.door {
        case .http: return try await body(agency, AgencyByHTTP(gateway: self.gateway, agency: agency))
        case .client: return try await body(agency, AgencyByClient(try self.gateway.client(agency), agency))
        case .sql:
            let login = PartnerLogins.name(for: code)
            let verifier = SCRAMVerifier(password: SCRAMVerifier.randomPassword())
            #expect(
                try await PartnerLogins().create(login, for: code, verifier: verifier, on: self.gateway.database.pool)
                    == .done)
            return try await self.gateway.database.withPool(user: login, maximumConnections: 2) { pool in
                try await body(agency, AgencyBySQL(pool: pool, agency: agency))
            }
        }
    }
}

/// Runs the body with the network at a door.
func withDoor(_ door: Door, _ body: @escaping @Sendable (DoorNetwork) async throws -> Void) async throws {
    try await withGateway { gateway in
        try await body(DoorNetwork(door: door, gateway: gateway))
    }
}
