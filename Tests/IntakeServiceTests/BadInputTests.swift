import Casework
import CaseworkStore
import HTTPTypes
import HummingbirdTesting
import JobQueue
import PostgresClient
import Safeguarding
import ServiceKit
import TestSupport
import Testing

@testable import IntakeService

/// Every bad input gives one problem document that names the cause, repeats no value, and opens nothing.
@Suite struct BadInputTests {
    private func expect(
        _ status: HTTPResponse.Status, _ type: String, fields: Set<String> = [], of response: TestResponse,
        location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(response.status == status, sourceLocation: location)
        #expect(response.headers[.contentType] == "application/problem+json", sourceLocation: location)
        let problem = try response.json(Problem.self)
        #expect(problem.status == status.code, sourceLocation: location)
        #expect(problem.type == "/problems/\(type)", sourceLocation: location)
        #expect(Set((problem.errors ?? []).map(\.field)) == fields, sourceLocation: location)
        for secret in [Bodies.name, Bodies.phone, Bodies.narrative, "secret"] {
            #expect(!response.text.contains(secret), sourceLocation: location)
        }
    }

    @Test func withoutAValidKeyNobodyComesIn() async throws {
        try await withIntake { intake in
            try expect(.unauthorized, "unauthenticated", of: await intake.send(body: Bodies.full, key: nil))
            try expect(.unauthorized, "unauthenticated", of: await intake.send(body: Bodies.full, key: "dik_unknown"))
            #expect(try await intake.count("casework.cases") == 0)
        }
    }

    @Test func aRevokedKeyEnds() async throws {
        try await withIntake { intake in
            let revoke = Statement(name: "t_revoke", "UPDATE casework.intake_client SET revoked_at = now()")
            _ = try await intake.db.pool.execute(revoke)
            try expect(.unauthorized, "unauthenticated", of: await intake.send(body: Bodies.full))
        }
    }

    /// Its key is believed for seconds; the transaction believes nobody.
    @Test func aClientThatIsRevokedWhileItsKeyIsRememberedIsOutAtOnce() async throws {
        try await withIntake { intake in
            #expect(try await intake.send(body: Bodies.small(), idempotencyKey: "a").status == .created)
            _ = try await IntakeStore().revoke(name: "region", on: intake.db.pool)
            for key in ["a", "b"] {
                try expect(
                    .unauthorized, "unauthenticated",
                    of: await intake.send(body: Bodies.small(), idempotencyKey: key))
            }
            // A repeat that would be refused today is none, either.
            try expect(
                .unauthorized, "unauthenticated", of: await intake.send(body: "[]", idempotencyKey: "a"))
            #expect(try await intake.count("casework.cases") == 1)
            #expect(try await intake.send(body: Bodies.small(), key: Intake.districtKey).status == .created)
        }
    }

    /// Guesses are bounded, and those who are known come in all the same.
    @Test func guessedKeysAreBoundedAndLockNobodyOut() async throws {
        try await withIntake { intake in
            #expect(try await intake.send(body: Bodies.small()).status == .created)
            var answers: Set<Int> = []
            for guess in 0..<60 {
                let response = try await intake.send(body: Bodies.small(), key: "dik_guess\(guess)")
                answers.insert(response.status.code)
                if response.status == .tooManyRequests { #expect(response.headers[.retryAfter] != nil) }
            }
            #expect(answers == [401, 429])
            #expect(try await intake.send(body: Bodies.small()).status == .created)
        }
    }

    /// The issue's list: consent for an agency that does not exist names the field, and nothing is half applied.
    @Test(arguments: [
        (#"{"agency_kinds": ["police", "no_such_kind"]}"#, ["/consents/0/agency_kinds/1"]),
        (#"{"agency_kinds": ["legal_aid_centre"], "agencies": ["150104-nobody"]}"#, ["/consents/0/agencies/0"]),
        (#"{"agency_kinds": ["police"], "agencies": ["150104-legal-aid"]}"#, ["/consents/0/agencies/0"]),
        (#"{"agency_kinds": ["police"], "agencies": []}"#, ["/consents/0/agencies"]),
        (#"{"agency_kinds": ["police"], "agencies": ["not a code"]}"#, ["/consents/0/agencies/0"]),
        (
            #"{"agency_kinds": ["no_such_kind"], "agencies": ["150104-legal-aid", "150104-nobody"]}"#,
            ["/consents/0/agency_kinds/0", "/consents/0/agencies/0", "/consents/0/agencies/1"]
        ),
    ])
    func aConsentAboutNobodyIsRefused(_ consent: String, _ fields: [String]) async throws {
        try await withIntake { intake in
            try await intake.addAgency("150104-legal-aid", .legalAidCentre)
            let whole = consent.dropLast() + #", "purpose": "legal_aid", "granted": true}"#
            let body = Bodies.small().dropLast() + #", "consents": [\#(whole)]}"#
            let answer = try await intake.send(body: String(body))
            try expect(.unprocessableContent, "validation-failed", fields: Set(fields), of: answer)
            for table in ["casework.cases", "casework.consent", "casework.idempotency", "queue.job"] {
                #expect(try await intake.count(table) == 0)
            }
        }
    }

    @Test func malformedJSONNamesThePlace() async throws {
        try await withIntake { intake in
            let response = try await intake.send(body: "{\"channel\": \"hotline\",\n \"narrative\": secret}")
            try expect(.badRequest, "malformed-json", of: response)
            #expect(try response.json(Problem.self).detail?.contains("Line 2") == true)
            try expect(.badRequest, "malformed-json", of: await intake.send(body: ""))
            try expect(.badRequest, "malformed-json", of: await intake.send(body: "{\"a\": 1"))
        }
    }

    @Test func onlyJSONIsTaken() async throws {
        try await withIntake { intake in
            let full = Bodies.full
            try expect(
                .unsupportedMediaType, "unsupported-media-type",
                of: await intake.send(body: full, contentType: "text/plain"))
            try expect(
                .unsupportedMediaType, "unsupported-media-type", of: await intake.send(body: full, contentType: nil))
            #expect(
                try await intake.send(body: full, contentType: "application/json; charset=utf-8").status == .created)
        }
    }

    @Test func wrongTypesAndUnknownFieldsAreAllNamed() async throws {
        let body = """
            {"channel": 5, "division": "150104", "categories": "advice", "shoe_size": "secret",
             "narrative": {"a": "secret"},
             "people": [{"role": "help_seeker", "name": 7, "nickname": "secret", "birth_date": "1990-02-30"},
                        {"role": "secret"}],
             "safe_contact": [{"person": 9, "channel": "sms", "days": [8], "from": "25:00", "to": "06:00"}]}
            """
        try await withIntake { intake in
            try expect(
                .unprocessableContent, "validation-failed",
                fields: [
                    "/channel", "/categories", "/shoe_size", "/narrative", "/people/0/name", "/people/0/nickname",
                    "/people/0/birth_date", "/people/1/role", "/safe_contact/0/person", "/safe_contact/0/days/0",
                    "/safe_contact/0/from",
                ], of: await intake.send(body: body))
            try expect(
                .unprocessableContent, "validation-failed", fields: [""], of: await intake.send(body: "[\"secret\"]"))
            #expect(try await intake.count("casework.cases") == 0)
        }
    }

    @Test(arguments: ["1990-02-30", "1990-13-01", "yesterday", "2999-01-01", "1850-01-01", "19900101"])
    func impossibleDatesAreNamed(date: String) async throws {
        let body = """
            {"channel": "hotline", "division": "150104", "categories": ["advice"],
             "people": [{"role": "help_seeker", "birth_date": "\(date)"}]}
            """
        try await withIntake { intake in
            try expect(
                .unprocessableContent, "validation-failed", fields: ["/people/0/birth_date"],
                of: await intake.send(body: body))
        }
    }

    @Test(arguments: ["150199", "999999", "abc", "15010", "150104001002"])
    func unknownDivisionsAreNamed(division: String) async throws {
        try await withIntake { intake in
            try expect(
                .unprocessableContent, "validation-failed", fields: ["/division"],
                of: await intake.send(body: Bodies.small(division: division)))
        }
    }

    @Test func outsideItsScopeAClientIsToldWhich() async throws {
        try await withIntake { intake in
            let key = Intake.districtKey
            try expect(
                .forbidden, "outside-scope", fields: ["/channel"],
                of: await intake.send(body: Bodies.small(channel: "online"), key: key))
            try expect(
                .forbidden, "outside-scope", fields: ["/division"],
                of: await intake.send(body: Bodies.small(division: "150102"), key: key))
            try expect(
                .forbidden, "outside-scope", fields: ["/channel", "/division"],
                of: await intake.send(body: Bodies.small(channel: "import", division: "150100"), key: key))
            #expect(try await intake.send(body: Bodies.small(), key: key).status == .created)
        }
    }

    @Test func aBodyOverTheLimitIsRefusedBeforeItIsRead() async throws {
        try await withIntake { intake in
            let narrative = String(repeating: "a", count: OpenCaseRoute.bodyLimit)
            let response = try await intake.send(body: "{\"narrative\": \"\(narrative)\"}")
            try expect(.contentTooLarge, "body-too-large", of: response)
        }
    }

    /// Over real HTTP: the server answers, and goes on answering.
    @Test func aLongBodyDoesNotHurtTheServer() async throws {
        try await withIntake(setup: .live) { intake in
            let narrative = String(repeating: "a", count: OpenCaseRoute.bodyLimit)
            let response = try await intake.send(body: "{\"narrative\": \"\(narrative)\"}")
            try expect(.contentTooLarge, "body-too-large", of: response)
            let next = try await intake.send(body: Bodies.small())
            #expect(next.status == .created)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 201), "schlüssel", "tab\tbed"])
    func anUnusableIdempotencyKeyIsRefused(key: String) throws {
        #expect(throws: HTTPProblem.self) { try IdempotencyKey(of: [IdempotencyKey.headerName: key]) }
    }

    @Test func overItsRateAClientIsToldWhenToComeBack() async throws {
        try await withIntake(requestsPerMinute: 3) { intake in
            for _ in 0..<3 { #expect(try await intake.send(body: Bodies.small()).status == .created) }
            let response = try await intake.send(body: Bodies.small())
            try expect(.tooManyRequests, "rate-limited", of: response)
            let wait = try #require(response.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...20).contains(wait))
            // Another client is not held up by it.
            #expect(try await intake.send(body: Bodies.small(), key: Intake.districtKey).status == .created)
        }
    }

    @Test func whileTheDatabaseIsAwayNothingIsAnswered201() async throws {
        var configuration = PostgresConfiguration(
            dsn: "host=127.0.0.1 port=1 dbname=none user=none", applicationName: "dandelion-test")
        configuration.connectTimeout = .seconds(1)
        configuration.acquireTimeout = .seconds(1)
        let pool = PostgresPool(configuration, logger: quiet)
        let parts = IntakeParts(
            pool: pool, jobs: JobStore(bell: JobBell(pool: pool, logger: quiet)), keyring: .generate(),
            index: .generate(), logger: quiet)
        let application = Application(router: try IntakeDoor.router(parts), logger: quiet)
        try await application.test(.router) { client in
            let response = try await client.execute(
                uri: "/v1/requests", method: .post,
                headers: [.authorization: "Bearer dik_x", .contentType: "application/json"],
                body: ByteBuffer(string: Bodies.full)
            ) { $0 }
            try expect(.serviceUnavailable, "unavailable", of: response)
            #expect(response.headers[.retryAfter] != nil)
        }
    }
}

import Hummingbird
import NIOCore
