/// What one measurement showed. Per job, unless it says otherwise.
struct BenchSample: Encodable, Sendable {
    /// Jobs (or batches, where the scenario says so) per second.
    var rate = 0.0
    /// The rates over the first and the last tenth of the jobs.
    var firstTenth: Double?
    var lastTenth: Double?
    var clientMicroseconds: Double?
    var serverMicroseconds: Double?
    var walBytes: Double?
    var commits: Double?
    var statements: Double?
    var roundTrips: Double?
    var peakMegabytes: Double?
    /// Milliseconds: of a call that enqueues, of a batch or transaction of pgbench, from claim to completion in a drain, and from
    /// commit to handler in pickup.
    var latency: LatencySummary?
    /// Dead rows after the run, by relation.
    var deadRows: [String: Int]?
}

/// Percentiles by the nearest rank, in milliseconds.
struct LatencySummary: Encodable, Sendable {
    let p50: Double
    let p95: Double
    let p99: Double
    let p999: Double
    let max: Double

    init(milliseconds times: [Double]) {
        let sorted = times.sorted()
        func rank(_ share: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            return sorted[min(sorted.count - 1, Swift.max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
        }
        self.p50 = rank(0.5)
        self.p95 = rank(0.95)
        self.p99 = rank(0.99)
        self.p999 = rank(0.999)
        self.max = sorted.last ?? 0
    }
}

/// The same thing done by us and by what it is compared with, in turn.
struct BenchResult: Encodable, Sendable {
    let scenario: String
    /// What it is compared with.
    let reference: String
    /// Of the rates; of the times where `isTime`.
    let ratios: [Double]
    /// Ratios are of p50s: less is better.
    let isTime: Bool
    let ours: BenchSample
    let theirs: BenchSample

    /// Of the p99s, where `isTime`.
    let tailRatios: [Double]

    var ratio: Double { Self.median(self.ratios) }
    var tailRatio: Double { Self.median(self.tailRatios) }

    /// For whoever watches.
    var line: String {
        self.isTime
            ? "\(self.scenario): p50 \(Numbers.fixed(self.ours.latency?.p50 ?? 0, 2)) ms, \(Numbers.fixed(self.ratio, 2)) of \(self.reference)"
            : "\(self.scenario): \(Numbers.fixed(self.ours.rate, 0))/s, \(Numbers.fixed(self.ratio, 2)) of \(self.reference)"
    }

    init(scenario: String, reference: String, pairs: [(ours: BenchSample, theirs: BenchSample)], isTime: Bool = false) {
        self.scenario = scenario
        self.reference = reference
        self.isTime = isTime
        self.ratios = pairs.map { pair in
            let (ours, theirs) =
                isTime
                ? (pair.ours.latency?.p50 ?? 0, pair.theirs.latency?.p50 ?? 0) : (pair.ours.rate, pair.theirs.rate)
            return theirs > 0 ? ours / theirs : 0
        }
        self.tailRatios =
            isTime
            ? pairs.compactMap { pair in
                guard let ours = pair.ours.latency?.p99, let theirs = pair.theirs.latency?.p99, theirs > 0 else {
                    return nil
                }
                return ours / theirs
            } : []
        self.ours = Self.middle(pairs.map(\.ours), isTime)
        self.theirs = Self.middle(pairs.map(\.theirs), isTime)
    }

    /// The sample in the middle: its parts belong together.
    private static func middle(_ samples: [BenchSample], _ isTime: Bool) -> BenchSample {
        let sorted = samples.sorted { isTime ? ($0.latency?.p50 ?? 0) < ($1.latency?.p50 ?? 0) : $0.rate < $1.rate }
        return sorted.isEmpty ? BenchSample() : sorted[sorted.count / 2]
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// What `dandelion bench queue` found.
struct QueueBenchReport: Encodable, Sendable {
    var rounds: Int
    var results: [BenchResult] = []
    /// Scenarios that were not begun because the time was up.
    var skipped: [String] = []

    /// Two lines a scenario: ours, and what it is compared with.
    var text: String {
        let numbers = [
            "rate", "ratio", "p99 ratio", "tenths", "client µs", "server µs", "WAL B", "commits", "statements", "p50",
            "p95",
            "p99", "p99.9", "MB", "dead",
        ]
        var table = TextTable(["scenario", "who"] + numbers, right: Set(numbers))
        for result in self.results {
            table.add(
                [result.scenario, "queue"]
                    + Self.cells(
                        result.ours, ratio: Numbers.fixed(result.ratio, 2),
                        tail: result.tailRatios.isEmpty ? "" : Numbers.fixed(result.tailRatio, 2)))
            table.add(["", result.reference] + Self.cells(result.theirs, ratio: "", tail: ""))
        }
        var lines = [table.text()]
        for result in self.results where result.ours.deadRows?.isEmpty == false {
            let rows = (result.ours.deadRows ?? [:]).sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
            lines.append("dead rows after \(result.scenario): \(rows.joined(separator: ", "))")
        }
        if !self.skipped.isEmpty {
            lines.append("not measured, the time was up: \(self.skipped.joined(separator: ", "))")
        }
        lines.append(
            "Medians of \(self.rounds) rounds in turn (1M: of one); ratio: of the rates, or of p50 where a time is compared. "
                + "Per job: processor time, WAL bytes, commits, statements. Times are in ms.")
        return lines.joined(separator: "\n")
    }

    private static func cells(_ sample: BenchSample, ratio: String, tail: String) -> [String] {
        func shown(_ value: Double?, _ digits: Int) -> String { value.map { Numbers.fixed($0, digits) } ?? "" }
        let tenths = sample.firstTenth.flatMap { first in
            sample.lastTenth.map { "\(Numbers.fixed(first, 0))→\(Numbers.fixed($0, 0))" }
        }
        return [
            Numbers.fixed(sample.rate, 0), ratio, tail, tenths ?? "", shown(sample.clientMicroseconds, 1),
            shown(sample.serverMicroseconds, 1), shown(sample.walBytes, 0), shown(sample.commits, 3),
            shown(sample.statements, 3), shown(sample.latency?.p50, 2), shown(sample.latency?.p95, 2),
            shown(sample.latency?.p99, 2), shown(sample.latency?.p999, 2), shown(sample.peakMegabytes, 0),
            sample.deadRows.map { String($0.values.reduce(0, +)) } ?? "",
        ]
    }
}
