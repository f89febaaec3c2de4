import ArgumentParser
import FoundationEssentials
import PostgresClient

extension BenchCommand {
    struct Notify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "notify", abstract: "Measures how fast messages get from commit to provider.",
            discussion: """
                For a test installation whose notification service sends everything to a file (kind: file in its providers \
                file), and as the owner of the database. Puts messages for one case into the queue, to its help-seeker \
                or its station, waits for them in the file, and then does the same with single messages in danger to life \
                while the rest still waits.

                Example:

                  dandelion bench notify --messages 20000 --urgent 200 --sink .dandelion/sink.log
                """)

        @Option(help: "Ordinary messages.")
        var messages = 10_000
        @Option(help: "Messages in danger to life, one after the other, while the ordinary ones wait.")
        var urgent = 200
        @Flag(help: "To the help-seeker, by her rules; else to the station's desk.")
        var person = false
        @Option(help: ArgumentHelp("The file that the providers write to.", valueName: "file"))
        var sink: String
        @Option(help: "Give up after so many seconds.")
        var timeout = 600
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1_000_000).contains(self.messages), (0...10_000).contains(self.urgent) else {
                throw ValidationError("--messages must be from 1 to 1000000, --urgent from 0 to 10000.")
            }
        }

        func run() async throws {
            let report = try await self.database.withPool { pool in
                try await BenchNotifyRun(
                    messages: self.messages, urgent: self.urgent, toPerson: self.person, sink: self.sink,
                    timeout: .seconds(self.timeout), pool: pool
                ).run()
            }
            try self.output.show(report) { report.text }
        }
    }
}

/// One measurement of the notification service.
struct BenchNotifyRun: Sendable {
    let messages: Int
    let urgent: Int
    let toPerson: Bool
    let sink: String
    let timeout: Duration
    let pool: PostgresPool

    private static let batch = 5000

    static let target = Statement(
        name: "bench_notify_target",
        """
        SELECT c.id, c.owner_station_id, (
            SELECT p.id FROM casework.person AS p JOIN casework.contact_rule AS r ON r.person_id = p.id
            WHERE p.case_id = c.id AND p.role = 'help_seeker' LIMIT 1)
        FROM casework.cases AS c JOIN casework.station AS s ON s.id = c.owner_station_id
        WHERE s.email IS NOT NULL ORDER BY 3 NULLS LAST, c.opened_at LIMIT 1
        """)
    static let insert = Statement(
        name: "bench_notify_insert",
        """
        WITH message AS (
            SELECT casework.insert_message($1, $2, $3, $4, $5, $6::integer, interval '8 days') AS id
            FROM generate_series(1, $7::integer))
        SELECT queue.enqueue_many($8, $9, array_agg(jsonb_build_object($10::text, id, 'version', 1)), $6::integer)
        FROM message
        """)
    static let single = Statement(
        name: "bench_notify_single",
        """
        WITH message AS (
            SELECT casework.insert_message('station', $1, NULL, $2, 'escalated', 0, interval '2 minutes') AS id)
        SELECT id, queue.enqueue_many(
            'notification-urgent', 'notify_staff', ARRAY[jsonb_build_object('notice_id', id, 'version', 1)], 0)
        FROM message
        """)
    static let ring = Statement(name: "bench_notify_ring", "SELECT queue.ring($1)")

    func run() async throws -> Report {
        guard let row = try await self.pool.execute(Self.target).first else {
            throw CommandFailure(.badData, "there is no case whose station has a desk; open one first")
        }
        let (caseID, station, person) = try row.decode((UUID, UUID, UUID?).self)
        guard !self.toPerson || person != nil else {
            throw CommandFailure(.badData, "no case has a help-seeker with a contact rule; open one first")
        }
        let before = try self.lines().count
        try await self.insertBacklog(caseID, station, person)
        var latencies: [Double] = []
        for _ in 0..<self.urgent {
            latencies.append(try await self.sendUrgent(caseID, station))
        }
        let waiting = self.messages + self.urgent - (try self.lines().count - before)
        let deadline = ContinuousClock.now + self.timeout
        while try self.lines().count - before < self.messages + self.urgent {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    .unavailable, "the messages did not arrive; does notification run, with this sink?")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let instants = try self.lines().dropFirst(before).compactMap(\.instant).sorted()
        let seconds = instants.last.flatMap { last in instants.first.map { last - $0 } } ?? 0
        return Report(
            messages: self.messages, urgent: self.urgent, stillWaitingAfterUrgent: waiting,
            perSecond: Double(instants.count) / max(seconds, 0.001),
            urgentMilliseconds: latencies.sorted().map { $0 * 1000 })
    }

    private func insertBacklog(_ caseID: UUID, _ station: UUID, _ person: UUID?) async throws {
        var left = self.messages
        while left > 0 {
            let count = min(left, Self.batch)
            try await self.pool.execute(
                Self.insert,
                parameters: [
                    self.toPerson ? "person" : "station", caseID, self.toPerson ? person : nil,
                    self.toPerson ? nil : station, self.toPerson ? "please_call_back" : "escalated", Int32(2),
                    Int32(count), "notification", self.toPerson ? "notify_person" : "notify_staff",
                    self.toPerson ? "message_id" : "notice_id",
                ])
            left -= count
        }
        try await self.pool.execute(Self.ring, ["notification"])
    }

    /// Seconds from the commit to the line in the file.
    private func sendUrgent(_ caseID: UUID, _ station: UUID) async throws -> Double {
        guard let row = try await self.pool.execute(Self.single, caseID, station).first else {
            throw CommandFailure(.internalError, "the message was not made")
        }
        let id = try row.decode((UUID, Int64).self).0.uuidString.lowercased()
        let committed = Date().timeIntervalSince1970
        try await self.pool.execute(Self.ring, ["notification-urgent"])
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let line = try self.lines(last: 64 * 1024).last(where: { $0.id == id }), let instant = line.instant {
                return max(0, instant - committed)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw CommandFailure(.unavailable, "a message in danger to life did not arrive in 30 seconds")
    }

    private struct Line {
        let instant: Double?
        let id: Substring
    }

    /// The lines of the sink, or those of its last bytes.
    private func lines(last bytes: Int? = nil) throws -> [Line] {
        guard TextFile.exists(self.sink) else { return [] }
        var data = try TextFile.bytes(self.sink)[...]
        if let bytes { data = data.suffix(bytes) }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { text in
            let parts = text.split(separator: " ")
            guard parts.count >= 3 else { return nil }
            return Line(instant: Double(parts[0]).map { $0 / 1_000_000 }, id: parts[1])
        }
    }

    struct Report: Encodable {
        let messages: Int
        let urgent: Int
        let stillWaitingAfterUrgent: Int
        let perSecond: Double
        let p50: Double
        let p99: Double
        let slowest: Double

        init(
            messages: Int, urgent: Int, stillWaitingAfterUrgent: Int, perSecond: Double, urgentMilliseconds: [Double]
        ) {
            self.messages = messages
            self.urgent = urgent
            self.stillWaitingAfterUrgent = stillWaitingAfterUrgent
            self.perSecond = perSecond
            func at(_ share: Double) -> Double {
                urgentMilliseconds.isEmpty
                    ? 0
                    : urgentMilliseconds[
                        min(urgentMilliseconds.count - 1, Int(Double(urgentMilliseconds.count) * share))]
            }
            self.p50 = at(0.5)
            self.p99 = at(0.99)
            self.slowest = urgentMilliseconds.last ?? 0
        }

        var text: String {
            """
            \(self.messages) messages: \(Numbers.tenths(self.perSecond)) per second from the first to the last in the sink
            \(self.urgent) in danger to life, from commit to sink, \(self.stillWaitingAfterUrgent) others still waiting after them: \
            p50 \(Numbers.tenths(self.p50)) ms, p99 \(Numbers.tenths(self.p99)) ms, slowest \(Numbers.tenths(self.slowest)) ms
            """
        }
    }
}
