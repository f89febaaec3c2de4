/// What a run showed.
struct BenchReport: Encodable, Equatable, Sendable {
    struct Process: Encodable, Equatable, Sendable {
        let name: String
        let cpuSeconds: Double
        let cpuMillisecondsPerCase: Double
        /// Resident before the run.
        let idleMegabytes: Double?
        let peakMegabytes: Double?
    }

    let rate: Double
    let seconds: Int
    let agencies: Int
    let answered: Int
    let refused: [String: Int]
    let leased: Int
    let accepted: Int
    /// Hand-overs that were leased more than once.
    let repeated: Int
    /// Answered requests whose referrals did not all reach their agency and were accepted.
    let lost: Int
    let failures: [String: Int]
    /// To be sent still when the last hand-over was accepted.
    let messagesWaiting: Int
    let casesPerSecond: Double
    /// From the moment the request was to be sent.
    let requestToAnswer: Percentiles
    let answerToLease: Percentiles
    let processes: [Process]

    init(
        run: BenchRun, recorder: BenchRecorder, referrals: [String: [String]], messagesWaiting: Int,
        elapsed: Duration, cpu: [String: Double],
        idle: [String: (resident: Double, peak: Double)], peak: [String: (resident: Double, peak: Double)]
    ) async {
        let requests = await recorder.requests
        let leased = await recorder.leased
        let accepted = await recorder.accepted
        var times: [Duration] = []
        var lost = 0
        for request in requests {
            let numbers = referrals[request.number] ?? []
            let instants = numbers.compactMap { leased[$0] }
            if numbers.isEmpty || instants.count < numbers.count || !accepted.isSuperset(of: numbers) { lost += 1 }
            if request.isMeasured, let last = instants.max() {
                // The lease can arrive while the 201 is still on its way.
                times.append(max(.zero, last - request.answered))
            }
        }
        self.rate = run.rate
        self.seconds = run.seconds
        self.agencies = run.network.desks.count
        self.answered = requests.count
        self.refused = await recorder.refused
        self.leased = leased.count
        self.accepted = accepted.count
        self.repeated = await recorder.deliveries - leased.count
        self.lost = lost
        self.failures = await recorder.unanswered
        self.messagesWaiting = messagesWaiting
        let first = requests.map(\.planned).min()
        let last = leased.values.max()
        let span = first.flatMap { first in last.map { ($0 - first) / .seconds(1) } } ?? 0
        self.casesPerSecond = span > 0 ? Double(requests.count - lost) / span : 0
        self.requestToAnswer = Percentiles(requests.filter(\.isMeasured).map { $0.answered - $0.planned })
        self.answerToLease = Percentiles(times)
        self.processes = cpu.sorted { $0.key < $1.key }.map { name, seconds in
            Process(
                name: name, cpuSeconds: seconds,
                cpuMillisecondsPerCase: requests.isEmpty ? 0 : 1000 * seconds / Double(requests.count),
                idleMegabytes: idle[name]?.resident, peakMegabytes: peak[name]?.peak)
        }
    }

    /// Whether the network kept up: everything arrived, and not late, and of the two messages a case no more wait than a second brings.
    var isSustained: Bool {
        self.lost == 0 && self.refused.isEmpty && self.casesPerSecond >= 0.95 * self.rate
            && self.answerToLease.p99 < 1000 && self.requestToAnswer.p99 < 1000
            && Double(self.messagesWaiting) <= 2 * self.rate
    }

    var text: String {
        var times = TextTable(["ms", "p50", "p95", "p99", "max"], right: ["p50", "p95", "p99", "max"])
        for (name, value) in [("request to 201", self.requestToAnswer), ("201 to lease", self.answerToLease)] {
            times.add([name] + [value.p50, value.p95, value.p99, value.max].map(Numbers.tenths))
        }
        let numbers = ["CPU s", "CPU ms/case", "idle MB", "peak MB"]
        var uses = TextTable(["process"] + numbers, right: Set(numbers))
        for process in self.processes {
            uses.add([
                process.name, Numbers.fixed(process.cpuSeconds, 2), Numbers.fixed(process.cpuMillisecondsPerCase, 2),
                process.idleMegabytes.map(Numbers.tenths) ?? "", process.peakMegabytes.map(Numbers.tenths) ?? "",
            ])
        }
        var lines = [
            "\(Numbers.tenths(self.rate)) cases/s for \(self.seconds) s to \(self.agencies) agencies: "
                + "\(self.answered) answered, "
                + "\(self.leased) leased, \(self.accepted) accepted, \(self.repeated) repeated, \(self.lost) lost; "
                + "\(Numbers.tenths(self.casesPerSecond)) cases/s; \(self.messagesWaiting) messages still to be sent"
        ]
        for (reason, count) in (self.refused.merging(self.failures) { $0 + $1 }).sorted(by: { $0.key < $1.key }) {
            lines.append("  \(count) times: \(reason)")
        }
        return (lines + ["", times.text(), "", uses.text()]).joined(separator: "\n")
    }
}
