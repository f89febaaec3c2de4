import AgencyDoors
import CaseworkStore
import Contracts
import DandelionAgency
import Foundation
import JobQueue
import JobTypes
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// The doors that the suite goes through.
enum Door: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sql
    case http
    /// Told by webhook, answering by HTTP.
    case webhook
    case client
    /// An inbox page, used by the agency's staff.
    case desk

    var testDescription: String { self.rawValue }
}

/// A network with agencies that all stand at one door.
struct DoorNetwork: Sendable {
    let door: Door
    let gateway: GatewayHarness
    fileprivate let endpoint: WebhookEndpoint?

    var network: NetworkFixture { self.gateway.network }

    /// An agency at the door, for as long as the body runs.
    func withAgency<Value: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable (_ agency: NetworkFixture.Agency, _ door: any AgencyAtADoor) async throws -> Value
    ) async throws -> Value {
        // Logins are the whole server's: no two tests may have one in common.
        let code = "\(name)-\(UUID().uuidString.prefix(8).lowercased())"
        let agency = try await self.network.addAgency(
            code, webhookURL: self.endpoint.map { $0.url + "/status/204" },
            webhookSecret: self.endpoint == nil ? nil : Array(0..<24))
        switch self.door {
        case .webhook:
            let door = AgencyByHTTP(gateway: self.gateway, agency: agency) { referrals in
                try await eventually("every referral was announced") {
                    let events = self.endpoint?.all.withLockedValue { $0.map(\.body) } ?? []
                    return referrals.allSatisfy { number in events.contains { $0.contains(number) } }
                }
            }
            return try await body(agency, door)
        case .http: return try await body(agency, AgencyByHTTP(gateway: self.gateway, agency: agency))
        case .desk: return try await body(agency, AgencyAtDesk(gateway: self.gateway, agency: agency))
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

extension DoorNetwork {
    /// A referral to the agency, as routing would have left it: with the job that tells its endpoint, if it has one.
    func offer(to agency: NetworkFixture.Agency) async throws -> NetworkFixture.Offer {
        let offer = try await self.network.offer(to: agency)
        guard self.endpoint != nil else { return offer }
        let jobs = JobStore(bell: self.gateway.parts.bell)
        try await self.gateway.database.pool.withTransaction("test_webhook") { transaction in
            let delivery = try GatewayStore().addWebhookDelivery(
                agency: agency.id, referral: offer.referralID, event: "referral_offered", in: transaction)
            try await jobs.enqueue(
                JobRequest(Contracts.WebhookDelivery(deliveryID: delivery), queue: Queues.gateway), in: transaction)
        }
        return offer
    }
}

/// Runs the body with the network at a door.
func withDoor(_ door: Door, _ body: @escaping @Sendable (DoorNetwork) async throws -> Void) async throws {
    guard door == .webhook else {
        return try await withGateway { gateway in
            try await body(DoorNetwork(door: door, gateway: gateway, endpoint: nil))
        }
    }
    try await withWebhookEndpoint { endpoint in
        var settings = GatewaySettings()
        settings.webhooks.allowsPlainHTTP = true
        settings.webhooks.networks = .loopback
        try await withGateway(settings: settings, runsWorker: true) { gateway in
            try await body(DoorNetwork(door: door, gateway: gateway, endpoint: endpoint))
        }
    }
}
