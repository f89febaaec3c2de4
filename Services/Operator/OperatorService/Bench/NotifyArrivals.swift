import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import PostgresClient

/// Which messages have arrived, and when: from the file the providers write to, of which only what is new is read, or from
/// the messages' trails.
final class NotifyArrivals: Sendable {
    struct Arrival: Sendable {
        let message: String
        /// Seconds since 1970.
        let instant: Double
    }

    /// What was sent after an event of a trail.
    static let trail = Statement(
        name: "bench_notify_trail",
        """
        SELECT id, message_id::text, extract(epoch FROM occurred_at)::double precision FROM casework.message_event
        WHERE id > $1 AND state = 'sent' ORDER BY id LIMIT 20000
        """)
    static let lastEvent = Statement(
        name: "bench_notify_last_event", "SELECT coalesce(max(id), 0) FROM casework.message_event")

    private struct Position {
        var offset = 0
        var rest: [UInt8] = []
        /// Where the measurement began, and how far it has come.
        var start: Int64 = 0
        var event: Int64 = 0
        /// Events that were seen: they are numbered before they commit, so that some come to light late.
        var seen: Set<Int64> = []
    }

    /// How far back to look for events that committed after later ones.
    private static let lateness: Int64 = 5000

    private let sink: String?
    private let pool: PostgresPool
    private let position = NIOLockedValueBox(Position())

    init(sink: String?, pool: PostgresPool) {
        self.sink = sink
        self.pool = pool
    }

    /// How long to wait before looking again.
    var pause: Duration { self.sink == nil ? .milliseconds(50) : .milliseconds(2) }

    /// Leaves out what has arrived so far.
    func skip() async throws {
        if self.sink != nil {
            while try !self.read().isEmpty {}
        } else {
            let last = try await self.pool.execute(Self.lastEvent).first?.decode(Int64.self) ?? 0
            self.position.withLockedValue { position in
                position.start = last
                position.event = last
            }
        }
    }

    /// What has arrived since the last time.
    func new() async throws -> [Arrival] {
        guard self.sink == nil else { return try self.read() }
        let rows = try await self.pool.execute(
            Self.trail, self.position.withLockedValue { max($0.start, $0.event - Self.lateness) })
        return try rows.compactMap { row in
            let (id, message, instant) = try row.decode((Int64, String, Double).self)
            let isNew = self.position.withLockedValue { position in
                position.event = max(position.event, id)
                return position.seen.insert(id).inserted
            }
            return isNew ? Arrival(message: message, instant: instant) : nil
        }
    }

    private func read() throws -> [Arrival] {
        guard let sink else { return [] }
        let descriptor = open(sink, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return [] }  // Nothing was written yet.
        guard descriptor >= 0 else {
            throw CommandFailure(.badData, "\(sink) cannot be read; run this as the user of the service")
        }
        defer { close(descriptor) }
        return self.position.withLockedValue { position in
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            let count = pread(descriptor, &buffer, buffer.count, position.offset)
            guard count > 0 else { return [] }
            position.offset += count
            position.rest += buffer[..<count]
            guard let end = position.rest.lastIndex(of: 0x0A) else { return [] }
            let lines = position.rest[..<end]
            defer { position.rest.removeFirst(end + 1) }
            return lines.split(separator: 0x0A).compactMap { line in
                let parts = line.split(separator: 0x20)
                guard parts.count >= 3, let micros = Double(String(decoding: parts[0], as: UTF8.self)) else {
                    return nil
                }
                return Arrival(message: String(decoding: parts[1], as: UTF8.self), instant: micros / 1_000_000)
            }
        }
    }
}
