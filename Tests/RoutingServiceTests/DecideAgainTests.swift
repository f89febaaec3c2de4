import Casework
import CaseworkStore
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// What comes to light after the first decision is decided on too, once.
@Suite struct DecideAgainTests {
    @Test func theSecondBreachBringsASupervisionOpinion() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            for expected in [0, 1, 1] {
                try await network.letRunOut(.referralAnswer, of: caseID)
                try await network.route()
                // A county that stays silent itself is passed over like any other; the opinion is asked for once.
                let opinions = try await network.referrals(of: caseID).filter {
                    $0.purpose == .supervisionOpinion && $0.predecessorID == nil
                }
                #expect(opinions.count == expected)
                #expect(opinions.allSatisfy { $0.agencyKind == .womensFederation && $0.consentBasis == .ownHandling })
            }
        }
    }

    @Test func anOutcomeStartsTheTimeTheLawGivesOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first { $0.purpose == .legalAid })
            try await network.accept(referral)
            try await network.route()
            try await network.report(referral, .completed, .legalAidRefused)
            try await network.route()
            try await network.route()
            let started = try await network.clocks(of: caseID).filter { $0.name == "legal_aid_objection" }
            #expect(started.count == 1)
            #expect(started.first?.kind == .followUp && started.first?.status == .running)
        }
    }
}
