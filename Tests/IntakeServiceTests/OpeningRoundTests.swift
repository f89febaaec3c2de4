import HTTPTypes
import HummingbirdTesting
import JobTypes
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import IntakeService

/// Requests that come at once are opened in one transaction: what comes of each is what came of it alone.
@Suite struct OpeningRoundTests {
    /// All that a request can hold, and no danger to life.
    static let full = Bodies.full.replacing(#""weapon": true, "#, with: "")

    @Test func manyAtOnceAreOneTransactionAndEachIsOpenedAsAlone() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            let alone = try await intake.opened(Self.full)
            let requests = (0..<20).map { number in
                Asked(body: number.isMultiple(of: 2) ? Self.full : Bodies.small(), idempotencyKey: "at-once-\(number)")
            }
            let answers = try await intake.together(requests, in: rounds)
            #expect(answers.count == 20 && answers.values.allSatisfy { $0.map(\.status) == [.created] })
            #expect(try await Self.transactions(in: intake) == 2, "one for the first, one for all others")
            #expect(try await intake.count("casework.cases") == 21)
            #expect(try await intake.count("casework.idempotency") == 21)
            #expect(try await intake.count("queue.job") == 21)
            let expected = try await Self.traces(of: alone.number, in: intake)
            for (asked, response) in zip(requests, requests.map { answers[$0.idempotencyKey]?.first }) {
                let response = try #require(response)
                let opened = try response.json(Opened.self)
                #expect(response.headers[.idempotencyReplayed] == nil)
                #expect(response.headers[.location] == "/v1/cases/\(opened.number)")
                #expect(opened.owner_station == alone.owner_station)
                let receipt = try await intake.send(.get, "/v1/receipts/\(opened.receipt)")
                #expect(receipt.status == .ok)
                guard asked.body == Self.full else { continue }
                #expect(try await Self.traces(of: opened.number, in: intake) == expected)
            }
            // And it stays answered.
            let again = try await intake.send(body: Self.full, idempotencyKey: "at-once-0")
            #expect(again.text == answers["at-once-0"]?.first?.text)
        }
    }

    /// Danger to life is opened while the others still gather.
    @Test func dangerWaitsForNoRound() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(lexicon: try TriageActionTests.lexicon(), rounds: rounds) { intake in
            let answers = try await intake.together([Asked(idempotencyKey: "ordinary")], in: rounds) { _ in
                let said = try await intake.send(body: Bodies.full, idempotencyKey: "said")
                let reads = try await intake.send(body: TriageActionTests.body(), idempotencyKey: "reads so")
                #expect(said.status == .created && reads.status == .created)
                #expect(try await intake.count("casework.cases") == 2)
            }
            #expect(answers["ordinary"]?.map(\.status) == [.created])
        }
    }

    @Test func whatIsUnusualLeavesTheRoundAndIsAnsweredAsAlone() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            let first = try await intake.opened(idempotencyKey: "used")
            let second = try await intake.opened(Bodies.small(), idempotencyKey: "repeated")
            // The division is remembered, and then it is gone.
            let unfinished = try await intake.send(body: #"{"division": "150102"}"#)
            #expect(unfinished.status == .unprocessableContent)
            let good = (0..<3).map { Asked(idempotencyKey: "good-\($0)") }
            let bad = [
                Asked(idempotencyKey: "used"), Asked(idempotencyKey: "repeated"),
                Asked(body: Bodies.small(division: "150102"), idempotencyKey: "nowhere"),
                Asked(key: Intake.districtKey, idempotencyKey: "revoked"),
            ]
            let answers = try await intake.together(good + bad, in: rounds) { _ in
                for sql in [
                    "DELETE FROM casework.station WHERE division_code = '150102'",
                    "DELETE FROM casework.division WHERE code = '150102'",
                    "UPDATE casework.intake_client SET revoked_at = now() WHERE name = 'district'",
                ] {
                    _ = try await intake.db.pool.execute(Statement(name: "t_change_\(sql.utf8.count)", unchecked: sql))
                }
            }
            for asked in good { #expect(answers[asked.idempotencyKey]?.map(\.status) == [.created]) }
            let used = try #require(answers["used"]?.first)
            #expect(try used.json(Problem.self).type == "/problems/idempotency-key-reused")
            let repeated = try #require(answers["repeated"]?.first)
            #expect(try repeated.json(Opened.self) == second && repeated.headers[.idempotencyReplayed] == "true")
            let nowhere = try #require(answers["nowhere"]?.first)
            #expect(try nowhere.json(Problem.self).errors?.first?.code == "unknown_division")
            #expect(answers["revoked"]?.map(\.status) == [.unauthorized])
            #expect(first.number != second.number)
            #expect(try await intake.count("casework.cases") == 5)
            #expect(try await intake.count("casework.idempotency") == 5, "nothing is left of what was not opened")
            #expect(try await Self.transactions(in: intake) == 3, "the good ones went together all the same")
        }
    }

    /// The second does not wait in a round for the first.
    @Test func theSameKeyTwiceAtOnceIsOneCase() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            let requests = [
                Asked(idempotencyKey: "twice"), Asked(idempotencyKey: "twice"), Asked(idempotencyKey: "other"),
            ]
            let answers = try await intake.together(requests, in: rounds, gathered: 2)
            let twice = try #require(answers["twice"])
            #expect(twice.map(\.status) == [.created, .created])
            #expect(Set(twice.map(\.text)).count == 1)
            #expect(twice.count { $0.headers[.idempotencyReplayed] == nil } == 1)
            #expect(try await intake.count("casework.cases") == 2)
            #expect(try await intake.count("queue.job") == 2)
        }
    }

    @Test func fiftyAtOnceWithOneKeyOpenOneCaseWhileRoundsGo() async throws {
        let rounds = OpeningRounds.ofTest(atATime: 2)
        try await withIntake(connections: 8, rounds: rounds) { intake in
            try await rounds.running {
                let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                    for _ in 0..<50 {
                        group.addTask { try await intake.send(body: Self.full, idempotencyKey: "crowd") }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.allSatisfy { $0.status == .created })
                #expect(Set(answers.map(\.text)).count == 1)
                #expect(try await intake.count("casework.cases") == 1)
            }
        }
    }

    /// A transaction that hangs with a key in hand holds up the request with that key, and none of the others.
    @Test func aKeyThatSomebodyHoldsDelaysItsOwnRequestOnly() async throws {
        try await Self.expectDelayOf(Asked(idempotencyKey: "held"), by: Self.hold)
    }

    /// An operator's transaction that hangs with a client in hand holds up that client's requests. All others go together.
    @Test func aClientThatSomebodyHoldsDelaysItsOwnRequestsOnly() async throws {
        let held = Asked(key: Intake.districtKey, idempotencyKey: "held")
        try await Self.expectDelayOf(held, by: Self.holdClient, transactions: 2)
    }

    /// Of one request, and of none of four that gather with it: opened in so many transactions, where it is said.
    private static func expectDelayOf(_ asked: Asked, by hold: Statement, transactions: Int? = nil) async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            let held = TestSignal<Void>("it is held")
            let letGo = TestSignal<Void>("let go")
            let requests = (0..<4).map { Asked(idempotencyKey: "free-\($0)") } + [asked]
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    struct Undone: Error {}
                    do {
                        try await intake.db.pool.withTransaction("t_hold") { transaction in
                            try await transaction.execute(hold, parameters: [])
                            held.send(())
                            try await letGo.wait()
                            throw Undone()
                        }
                    } catch is Undone {}
                }
                try await held.wait()
                let answers = try await intake.together(requests, in: rounds) { _ in
                } afterwards: { answers in
                    try await eventually("the others are answered") { answers.count == 4 }
                    #expect(answers.all["held"] == nil)
                    letGo.send(())
                }
                #expect(answers.count == 5 && answers.values.allSatisfy { $0.map(\.status) == [.created] })
                try await tasks.waitForAll()
            }
            #expect(try await intake.count("casework.cases") == 5)
            if let transactions { #expect(try await Self.transactions(in: intake) == transactions) }
        }
    }

    /// Each case's first job belongs to the trace of its own request.
    @Test func tracesStayApart() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            let traces = (0..<3).map { _ in TraceContext(isSampled: true) }
            let requests = traces.enumerated().map { number, trace in
                Asked(idempotencyKey: "\(number)", traceparent: trace.traceparent)
            }
            let answers = try await intake.together(requests, in: rounds)
            for (number, trace) in traces.enumerated() {
                let opened = try #require(answers["\(number)"]?.first).json(Opened.self)
                let stored = try await intake.text(
                    "t_own_trace",
                    """
                    SELECT j.args ->> 'traceparent' FROM queue.job AS j
                    JOIN casework.cases AS c ON c.id = (j.args ->> 'case_id')::uuid WHERE c.number = $1
                    """, opened.number)
                #expect(stored.contains("\(trace.traceID)"))
            }
        }
    }

    /// Suggestions that are not urgent go with their case.
    @Test func suggestionsGoWithTheirCase() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(lexicon: try TriageActionTests.lexicon(), rounds: rounds) { intake in
            let body = TriageActionTests.body(telling: "她说家暴")
            let requests = [Asked(body: body, idempotencyKey: "reads"), Asked(idempotencyKey: "plain")]
            let answers = try await intake.together(requests, in: rounds)
            let opened = try #require(answers["reads"]?.first).json(Opened.self)
            let stored = try await intake.text(
                "t_suggested",
                """
                SELECT string_agg(c.number || ' ' || t.subject, ',')
                FROM casework.triage AS t JOIN casework.cases AS c ON c.id = t.case_id
                """)
            #expect(stored.hasPrefix("\(opened.number) ") && !stored.contains(","))
            #expect(try await Self.transactions(in: intake) == 1)
        }
    }

    // MARK: -

    static func transactions(in intake: Intake) async throws -> Int {
        try await intake.count("(SELECT DISTINCT transaction FROM casework.event WHERE kind = 'case_opened') AS t")
    }

    private static let hold = Statement(
        name: "t_hold_key",
        """
        INSERT INTO casework.idempotency (client_id, key, request_hash, case_id)
        SELECT id, 'held', '', gen_random_uuid() FROM casework.intake_client WHERE name = 'region'
        """)

    private static let holdClient = Statement(
        name: "t_hold_client", "SELECT FROM casework.intake_client WHERE name = 'district' FOR UPDATE")

    /// Everything that stands of a case but its ids, times and random bytes.
    private static func traces(of number: String, in intake: Intake) async throws -> String {
        try await intake.text(
            "t_traces",
            """
            SELECT concat_ws(E'\\n', c.channel, c.division_code, c.owner_station_id, c.risk, length(c.narrative),
                (SELECT jsonb_object_agg(f.key, CASE WHEN jsonb_typeof(f.value) <> 'array' THEN f.value
                    ELSE (SELECT jsonb_agg(v ORDER BY v::text) FROM jsonb_array_elements(f.value) AS v) END)
                    FROM jsonb_each(c.facts) AS f),
                c.client_id,
                (SELECT string_agg(concat_ws(' ', p.role, length(p.name), length(p.phone), length(p.email),
                    length(p.birth_date), p.sex, p.capacity, p.is_minor, p.name_index, p.phone_index, p.email_index), E'\\n'
                    ORDER BY p.role) FROM casework.person AS p WHERE p.case_id = c.id),
                (SELECT string_agg(concat_ws(' ', p.role, r.channel, r.days::text, r.from_minute, r.to_minute,
                    r.never_mention, length(r.code_word),
                    round(extract(epoch FROM r.expires_at - r.confirmed_at)), length(r.tag)), E'\\n')
                    FROM casework.contact_rule AS r JOIN casework.person AS p ON p.id = r.person_id
                    WHERE p.case_id = c.id),
                (SELECT string_agg(concat_ws(' ', s.agency_kinds::text, s.purpose, s.granted, s.given_by,
                    s.expires_at), E'\\n')
                    FROM casework.consent AS s WHERE s.case_id = c.id),
                (SELECT string_agg(concat_ws(' ', k.kind, k.name, k.basis, k.state), E'\\n')
                    FROM casework.clock AS k WHERE k.case_id = c.id),
                (SELECT string_agg(concat_ws(' ', e.kind, e.actor_kind, e.actor,
                    e.data - 'clock' - 'due_at'), E'\\n' ORDER BY e.id)
                    FROM casework.event AS e WHERE e.case_id = c.id),
                (SELECT string_agg(concat_ws(' ', j.queue, j.kind, j.state, j.priority, j.max_attempts, j.scheduled_at <= now()),
                    E'\\n') FROM queue.job AS j WHERE (j.args ->> 'case_id')::uuid = c.id))
            FROM casework.cases AS c WHERE c.number = $1
            """, number)
    }
}
