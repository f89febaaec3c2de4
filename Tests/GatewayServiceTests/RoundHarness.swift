import Casework
import CaseworkStore
import Crypto
import DandelionAgency
import Foundation
import JobTestKit
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayService

extension GatewayRounds {
    /// Requests gather from now on, and wait until it runs.
    func open() {
        self.leases.open()
        self.readings.open()
        self.answers.open()
    }

    var gathered: Int { self.leases.gathered + self.readings.gathered + self.answers.gathered }

    /// Has a request made of each item and lets all gather; then `meanwhile`, then the rounds go until they are answered: in the
    /// order of the items. What is thrown is an answer, too.
    func together<Item: Sendable, Value: Sendable>(
        _ items: [Item], meanwhile: @Sendable () async throws -> Void = {},
        _ request: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> [Result<Value, any Error>] {
        self.open()
        let group = ServiceGroup(services: [self], logger: GatewayHarness.logger)
        return try await withThrowingTaskGroup(of: (Int, Result<Value, any Error>)?.self) { tasks in
            for (index, item) in items.enumerated() {
                tasks.addTask {
                    do {
                        return (index, .success(try await request(item)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var failure: (any Error)?
            do {
                try await eventually("the requests have gathered") { self.gathered == items.count }
                try await meanwhile()
            } catch {
                failure = error  // They are answered all the same, or the test would never end.
            }
            tasks.addTask {
                try await group.run()
                return nil
            }
            var answers: [Int: Result<Value, any Error>] = [:]
            while answers.count < items.count, let next = try await tasks.next() {
                if let (index, answer) = next { answers[index] = answer }
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            if let failure { throw failure }
            return items.indices.compactMap { answers[$0] }
        }
    }
}

/// An agency and what is offered to it.
struct Offered: Sendable {
    let agency: NetworkFixture.Agency
    let offers: [NetworkFixture.Offer]
}

extension GatewayHarness {
    /// Agencies of one kind, with so many hand-overs each.
    func agencies(_ count: Int, offers: Int) async throws -> [Offered] {
        var all: [Offered] = []
        for _ in 0..<count {
            let agency = try await self.network.addAgency("150000-\(UUID().uuidString.lowercased())")
            all.append(Offered(agency: agency, offers: try await self.network.offers(offers, to: agency)))
        }
        return all
    }

    /// Each leases, at the same moment.
    func leaseTogether(
        _ agencies: [NetworkFixture.Agency], max: Int = 5, meanwhile: @Sendable () async throws -> Void = {}
    ) async throws -> [[AgencyLease]] {
        let clients = try agencies.map { try self.client($0) }
        let answers = try await self.parts.rounds.together(clients, meanwhile: meanwhile) {
            try await $0.lease(max: max, wait: .zero)
        }
        return try answers.map { try $0.get() }
    }

    /// How many transactions wrote the events of a kind.
    func transactions(of kind: String) async throws -> Int64 {
        try await self.network.count(
            "SELECT count(DISTINCT transaction) FROM casework.event WHERE kind = '\(kind)'")
    }

    /// Of one agency's hand-overs: what became of each, in a form that two agencies can be compared by.
    func outcome(of offers: [NetworkFixture.Offer]) async throws -> [String] {
        var lines: [String] = []
        for offer in offers {
            let parts: [String] = [
                try await self.network.status(of: offer), try await self.network.handOver(of: offer),
                "\(try await self.network.disclosures(of: offer))", "\(try await self.network.answers(about: offer))",
                "\(try await self.network.events("referral_received", of: offer))",
                "\(try await self.network.events("referral_accepted", of: offer))",
            ]
            lines.append(parts.joined(separator: " "))
        }
        return lines
    }
}

/// Rounds and answers on a pool whose links a proxy may harm, without the HTTP around them.
struct HarmedRounds: Sendable {
    let rounds: GatewayRounds
    let answers: HandOverAnswers
    let pool: PostgresPool
    let proxy: FaultProxy

    static func with(
        _ gateway: GatewayHarness, _ fault: FaultProxy.Fault, _ body: (HarmedRounds) async throws -> Void
    ) async throws {
        let dsn = gateway.database.configuration().dsn
        try await FaultProxy.with(fault, dsn: dsn) { proxy in
            // libpq takes the last word for a keyword.
            try await gateway.database.withPool(user: "dandelion_gateway \(proxy.detour)", maximumConnections: 8) {
                pool in
                let parts = gateway.parts
                let rounds = GatewayRounds(
                    pool: pool, doors: parts.rounds.doors, bell: parts.bell, patience: nil,
                    logger: GatewayHarness.logger)
                var answers = HandOverAnswers(
                    pool: pool, doors: parts.rounds.doors, bell: parts.bell, referrals: GatewayStore())
                answers.rounds = rounds
                try await body(HarmedRounds(rounds: rounds, answers: answers, pool: pool, proxy: proxy))
            }
        }
    }

    func accept(_ leases: [(agency: Agency, lease: String)]) async throws -> [Result<String, any Error>] {
        let handles = try leases.map { try #require(LeaseHandle($0.lease)) }
        return try await self.rounds.together(Array(zip(handles, leases.map(\.agency)))) { handle, agency in
            try await self.answers.answer(handle, of: agency, with: .accept).status
        }
    }
}

extension NetworkFixture.Agency {
    /// As the gateway finds it by its key.
    func found(by pool: PostgresPool) async throws -> Agency {
        let hash = Array(SHA256.hash(data: Array(self.key.utf8)))
        return try #require(try await GatewayStore().callers(keyHashes: [hash], on: pool)[hash]).agency
    }
}
