import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Plays demonstration cases and watches each to its end.
struct DemoPlay {
    struct Result: Encodable, Equatable {
        let name: String
        let title: String
        let number: String
        let reachedEnd: Bool
        let seconds: Double
        let differences: [String]
    }

    private struct Playing {
        let demo: DemoCase
        let number: CaseNumber
        var reachedAfter: Double?
        var needsLook = true
        var differences: [String] = []
    }

    /// Steps of every clock that say nothing new to whoever watches.
    private static let quiet: Set<String> = [
        CaseEventKind.clockStarted.rawValue, CaseEventKind.clockMet.rawValue, CaseEventKind.clockCancelled.rawValue,
    ]

    private let pool: PostgresPool
    private let start = ContinuousClock.now
    private var feed: TimelineFeed
    private var playing: [Playing] = []
    private var labels: [String: String] = [:]
    private let show: (String) -> Void
    private let intake: IntakeCaller
    /// Who calls back before a case is closed.
    private let staff: String

    init(
        pool: PostgresPool, intake: IntakeCaller, staff: String, show: @escaping (String) -> Void
    ) async throws {
        self.pool = pool
        self.intake = intake
        self.staff = staff
        self.show = show
        self.feed = try await TimelineFeed(on: pool)
    }

    /// Sends the requests. The idempotency key is the case's name and the run's, so that each run opens cases of its
    /// own.
    mutating func send(_ cases: [DemoCase], run: String) async throws {
        for demo in cases {
            do {
                let opened = try await self.intake.open(demo.request, idempotencyKey: "demo:\(demo.name):\(run)")
                guard let number = CaseNumber.parse(opened.number) else {
                    throw CommandFailure(.internalError, "intake answered with no case number")
                }
                self.labels[number.rawValue] = demo.label
                self.playing.append(Playing(demo: demo, number: number))
            } catch let failure as CommandFailure {
                throw CommandFailure(failure.status, "\(demo.name): \(failure.reason)")
            }
        }
    }

    /// Shows what happens until every case is where it must end, or time is up.
    mutating func watch(timeout: Duration) async throws -> [Result] {
        while true {
            try await self.showNews()
            try await self.look(atAll: false)
            if self.playing.allSatisfy({ $0.reachedAfter != nil }) || ContinuousClock.now - self.start > timeout {
                break
            }
            try await Task.sleep(for: .milliseconds(150))
        }
        // A case that was there may have moved on since.
        try await self.look(atAll: true)
        return self.playing.map { playing in
            Result(
                name: playing.demo.name, title: playing.demo.expected.title, number: playing.number.rawValue,
                reachedEnd: playing.differences.isEmpty, seconds: playing.reachedAfter ?? 0,
                differences: playing.differences)
        }
    }

    /// Shows what happens until the task is cancelled.
    mutating func follow() async throws {
        while true {
            try await self.showNews()
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private mutating func showNews() async throws {
        let entries = try await self.feed.next(on: self.pool)
        for entry in entries {
            for index in self.playing.indices where self.playing[index].number.rawValue == entry.caseNumber {
                self.playing[index].needsLook = true
            }
            if entry.kind == CaseEventKind.callBackAsked.rawValue,
                self.playing.contains(where: { $0.number.rawValue == entry.caseNumber })
            {
                // Nothing is open any more: the owner's desk calls her, and she confirms.
                try await self.intake.callBack(entry.caseNumber, by: self.staff)
            }
            guard !Self.quiet.contains(entry.kind) else { continue }
            let label = (self.labels[entry.caseNumber] ?? entry.caseNumber).padded(to: 22)
            let line = EventText.line(
                kind: entry.kind, agency: entry.agency, referral: entry.referral, data: entry.data)
            self.show("\(BeijingTime.time(entry.occurredAt))  \(label)  \(line)")
        }
    }

    private mutating func look(atAll: Bool) async throws {
        for index in self.playing.indices {
            let playing = self.playing[index]
            guard atAll || playing.needsLook && playing.reachedAfter == nil else { continue }
            let report = try await CaseReport.load(playing.number, on: self.pool)
            let differences = CaseComparison.differences(playing.demo.expected, ObservedCase(report))
            self.playing[index].needsLook = false
            self.playing[index].differences = differences
            if differences.isEmpty, playing.reachedAfter == nil {
                self.playing[index].reachedAfter = (ContinuousClock.now - self.start) / .seconds(1)
            }
        }
    }
}
