import DandelionAgency
import FoundationEssentials
import TestSupport
import Testing

@testable import GatewayService

/// The client library against the real door.
@Suite struct AgencyConsumerTests {
    struct Handler: AgencyHandler {
        let decision: AgencyDecision
        let decided: TestSignal<String>

        func decide(on handOver: HandOver) async throws -> AgencyDecision {
            self.decided.send(handOver.lease.referral.number)
            return self.decision
        }

        func work(on handOver: HandOver, reporting reporter: ReferralReporter) async throws {
            try await reporter.progress(.inProgress)
            try await reporter.outcome(.completed, "resolved")
        }
    }

    /// Invariants 3 and 11: twenty agencies at once, each gets its own and each hand-over is accepted once.
    @Test func twentyAgenciesInterleavedEachGetTheirOwn() async throws {
        try await withGateway { gateway in
            var offers: [NetworkFixture.Offer] = []
            var agencies: [NetworkFixture.Agency] = []
            for number in 0..<20 { agencies.append(try await gateway.network.addAgency("1500\(10 + number)-agency")) }
            for _ in 0..<3 {
                for agency in agencies { offers.append(try await gateway.network.offer(to: agency)) }
            }
            let expected = Dictionary(grouping: offers, by: \.agency.code).mapValues { Set($0.map(\.number)) }
            try await withThrowingTaskGroup(of: (String, Set<String>).self) { group in
                for agency in agencies {
                    group.addTask { (agency.code, try await Self.consume(3, as: agency, through: gateway)) }
                }
                for try await (code, numbers) in group { #expect(expected[code] == numbers) }
            }
            for offer in offers {
                #expect(try await gateway.network.status(of: offer) == "completed")
                #expect(try await gateway.network.handOver(of: offer) == "completed")
                #expect(try await gateway.network.answers(about: offer) == 2)
                #expect(try await gateway.network.disclosures(of: offer) == 1)
            }
        }
    }

    /// Runs a consumer until it has finished so many referrals, drains it, and returns their numbers.
    private static func consume(
        _ count: Int, as agency: NetworkFixture.Agency, through gateway: GatewayHarness
    ) async throws -> Set<String> {
        let worked = TestSignal<String>("a referral is finished")
        let consumer = AgencyConsumer(
            client: try AgencyClient(gatewayURL: gateway.url, key: agency.key), privateKey: agency.privateKey,
            handler: Handler(decision: .accept, decided: TestSignal("decided"))
        ) { event in
            switch event {
            case .worked(let referral): worked.send(referral)
            case .failed(let referral, let error): Issue.record("\(referral): \(error)")
            case .leased, .answered, .pollFailed: break
            }
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await consumer.run() }
            var numbers: Set<String> = []
            for _ in 0..<count { numbers.insert(try await worked.wait(timeout: .seconds(60))) }
            consumer.drain()
            try await group.waitForAll()
            return numbers
        }
    }

    @Test func drainingFinishesWhatIsInHandAndReturns() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            #expect(try await Self.consume(1, as: agency, through: gateway) == [offer.number])
            #expect(gateway.parts.polls.count == 0 || gateway.parts.polls.count == 1)
            try await eventually("nobody waits") { gateway.parts.polls.count == 0 }
        }
    }

    @Test func aPackageForAnotherKeyGoesBackUnanswered() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let failed = TestSignal<String>("the hand-over fails")
            let consumer = AgencyConsumer(
                client: try gateway.client(agency), privateKey: AgencyPrivateKey(),
                handler: Handler(decision: .accept, decided: TestSignal("decided"))
            ) { event in
                if case .failed(_, let error as AgencyError) = event { failed.send(error.code.description) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await consumer.run() }
                #expect(try await failed.wait() == "unreadablePackage")
                consumer.drain()
                try await group.waitForAll()
            }
            #expect(try await gateway.network.status(of: offer) == "received")
            #expect(try await gateway.network.handOver(of: offer) == "scheduled")
        }
    }

    @Test func aKeyThatIsNotKnownEndsTheConsumer() async throws {
        try await withGateway { gateway in
            let consumer = AgencyConsumer(
                client: try AgencyClient(gatewayURL: gateway.url, key: "dak_nobody"), privateKey: AgencyPrivateKey(),
                handler: Handler(decision: .accept, decided: TestSignal("decided")))
            do {
                try await consumer.run()
                Issue.record("it ran on")
            } catch let error as AgencyError {
                #expect(error.code == .unauthenticated)
            }
        }
    }
}
