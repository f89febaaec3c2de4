import AgencyDoors
import Casework
import Crypto
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// The words of the doors are the domain's: SQL and Swift say the same.
@Suite struct DoorWordsTests {
    private static let isReason = Statement(name: "door_word_reason", "SELECT door.is_reason($1)")
    private static let isOutcome = Statement(name: "door_word_outcome", "SELECT door.is_outcome($1)")
    private static let isMediaType = Statement(name: "door_word_media", "SELECT door.is_media_type($1)")
    private static let isSealed = Statement(name: "door_word_sealed", "SELECT door.is_sealed($1, $2)")
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

    @Test func whatATextMayBeIsTheSealers() async throws {
        try await withTestDatabase { database in
            for type in SealedText.mediaTypes + ["text/html", "", "Application/pdf"] {
                let isKnown = try #require(await database.pool.execute(Self.isMediaType, type).first)
                    .decode(Bool.self)
                #expect(isKnown == SealedText.mediaTypes.contains(type), "\(type)")
            }
            let limits = [SealedText.maximumBytes, SealedText.maximumLocationBytes]
            for (count, limit) in limits.flatMap({ limit in [0, 48, 49, limit, limit + 1].map { ($0, limit) } }) {
                let isSealed = try #require(
                    await database.pool.execute(Self.isSealed, [UInt8](repeating: 1, count: count), Int32(limit)).first
                ).decode(Bool.self)
                #expect(isSealed == (49...limit).contains(count), "\(count)")
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

    private static let due = Statement(name: "door_due", "SELECT door.working_days_after($1, $2)")
    private static let putDays = Statement(
        name: "door_put_days", "SELECT door.put_special_days($1::text[]::date[], $2::text[]::date[])")

    /// Five working days end at the same instant whichever door asks.
    @Test func workingDaysAreTheDomains() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let calendar = try HolidayCalendar(
            csv: String(contentsOf: root.appending(path: "deploy/data/holidays.csv"), encoding: .utf8))
        try await withTestDatabase { database in
            for known in [HolidayCalendar.weekendsOnly, calendar] {
                try await database.pool.execute(
                    Self.putDays, known.holidays.map(\.description), known.workingWeekends.map(\.description))
                // Every day of two years, at an hour at which Beijing's day is not that of UTC, and another.
                for step in 0..<1460 {
                    let from = Date(timeIntervalSince1970: 1_767_200_000 + Double(step) * 43_200)
                    let row = try #require(await database.pool.execute(Self.due, from, Int32(5)).first)
                    #expect(try row.decode(Date.self) == known.due(.workingDays(5), from: from), "\(from)")
                }
            }
        }
    }

    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in GatewayDoorStore.statements + PartnerLogins.statements + PartnerGuard.statements
                + PartnerRights.statements
            {
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
