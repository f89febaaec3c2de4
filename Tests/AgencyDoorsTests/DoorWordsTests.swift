import AgencyDoors
import Casework
import Crypto
import Foundation
import PostgresClient
import TestSupport
import Testing

/// The words of the doors are the domain's: SQL and Swift say the same.
@Suite struct DoorWordsTests {
    private static let isReason = Statement(name: "door_word_reason", "SELECT door.is_reason($1)")
    private static let isOutcome = Statement(name: "door_word_outcome", "SELECT door.is_outcome($1)")
    private static let sources = Statement(name: "door_word_sources", "SELECT coalesce(door.sources_of($1), '{}')")

    @Test func reasonsAndOutcomesAreTheDomains() async throws {
        try await withTestDatabase { database in
            let known: (Statement, String) async throws -> Bool = { statement, word in
                try #require(await database.pool.execute(statement, word).first).decode(Bool.self)
            }
            for reason in RejectReason.allCases {
                let isKnown = try await known(Self.isReason, reason.rawValue)
                #expect(isKnown, "\(reason)")
            }
            for outcome in Outcome.allCases {
                let isKnown = try await known(Self.isOutcome, outcome.rawValue)
                #expect(isKnown, "\(outcome)")
            }
            for word in ["x", "", "Other"] {
                let isKnown = try await (known(Self.isReason, word), known(Self.isOutcome, word))
                #expect(isKnown == (false, false), "\(word)")
            }
        }
    }

    @Test func reportsStartWhereTheStateMachineSays() async throws {
        let reports: Set<ReferralStatus> = [.scheduled, .inProgress, .onHold, .completed, .failed, .noShow]
        try await withTestDatabase { database in
            for status in ReferralStatus.allCases {
                let row = try #require(await database.pool.execute(Self.sources, status.rawValue).first)
                let expected =
                    reports.contains(status)
                    ? ReferralStateMachine.transitions
                        .filter { $0.to == status && $0.parties.contains(.target) }.map(\.from.rawValue) : []
                #expect(try Set(row.decode([String].self)) == Set(expected), "\(status)")
            }
        }
    }

    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in GatewayDoorStore.statements + PartnerLogins.statements {
                let prepare = Statement(
                    name: "test_prepare_\(statement.name)", unchecked: "PREPARE \(statement.name) AS \(statement.sql)")
                _ = try await database.pool.execute(prepare)
            }
        }
    }

    /// The example of RFC 7677: the server's signature follows from the server key.
    @Test func theVerifierIsThatOfTheRFC() throws {
        let salt = try #require(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ=="))
        let text = SCRAMVerifier(password: "pencil", salt: Array(salt)).text
        #expect(text.hasPrefix("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"))
        let serverKey = try #require(text.split(separator: ":").last.flatMap { Data(base64Encoded: String($0)) })
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        let message =
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=\(nonce)"
        let signature = HMAC<SHA256>.authenticationCode(
            for: Data(message.utf8), using: SymmetricKey(data: serverKey))
        #expect(Data(signature).base64EncodedString() == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }
}
