/// What a measurement of the agencies' doors showed.
struct DoorsBenchReport: Encodable, Sendable {
    struct HandOvers: Encodable, Equatable, Sendable {
        /// From the commit to the lease.
        let milliseconds: Percentiles
        let lost: Int
    }

    struct Leases: Encodable, Equatable, Sendable {
        let count: Int
        let perSecond: Double
        let lost: Int
    }

    struct Webhooks: Encodable, Equatable, Sendable {
        let endpoints: Int
        let hanging: Int
        /// From the commit to the arrival, at the endpoints that answer.
        let milliseconds: Percentiles
        /// From the first commit to the last arrival.
        let perSecond: Double
        let lost: Int

        /// - Parameters:
        ///   - committed: when each webhook to an endpoint that answers was committed, in seconds.
        ///   - arrived: when each arrived first.
        init(endpoints: Int, hanging: Int, committed: [String: Double], arrived: [String: Double]) {
            let times = committed.compactMap { id, instant in arrived[id].map { max(0, $0 - instant) } }
            self.endpoints = endpoints
            self.hanging = hanging
            self.milliseconds = Percentiles(times.map { .seconds($0) })
            let last = committed.keys.compactMap { arrived[$0] }.max() ?? 0
            let span = last - (committed.values.min() ?? 0)
            self.perSecond = span > 0 ? Double(times.count) / span : 0
            self.lost = committed.count - times.count
        }
    }

    let idle: Int
    let http: HandOvers
    let sql: HandOvers
    let leases: Leases?
    let calm: Webhooks?
    let hung: Webhooks?
    /// Microseconds a package.
    let sealing: Double

    /// How many times longer the 99th of a hundred webhooks takes with endpoints that hang.
    var slowdown: Double? {
        guard let calm, let hung, calm.milliseconds.p99 > 0 else { return nil }
        return hung.milliseconds.p99 / calm.milliseconds.p99
    }

    var lost: Int {
        self.http.lost + self.sql.lost + (self.leases?.lost ?? 0) + (self.calm?.lost ?? 0) + (self.hung?.lost ?? 0)
    }

    var text: String {
        var table = TextTable(
            ["ms", "count", "p50", "p95", "p99", "max"], right: ["count", "p50", "p95", "p99", "max"])
        func add(_ name: String, _ times: Percentiles) {
            table.add(
                [name, "\(times.count)"] + [times.p50, times.p95, times.p99, times.max].map(Numbers.tenths))
        }
        add("committed to leased, HTTP", self.http.milliseconds)
        add("committed to leased, SQL", self.sql.milliseconds)
        for webhooks in [self.calm, self.hung].compactMap(\.self) {
            add("webhook, \(webhooks.hanging) of \(webhooks.endpoints) hang", webhooks.milliseconds)
        }
        var lines = ["\(self.idle) idle agencies wait at the gateway", table.text()]
        if let leases {
            lines.append("\(leases.count) hand-overs leased by HTTP at \(Numbers.tenths(leases.perSecond))/s")
        }
        if let calm, let hung {
            lines.append(
                "webhooks at \(Numbers.tenths(calm.perSecond))/s, with \(hung.hanging) that hang "
                    + "\(Numbers.tenths(hung.perSecond))/s; p99 \(self.slowdown.map(Numbers.tenths) ?? "?") times")
        }
        lines.append("sealing: \(Numbers.tenths(self.sealing)) µs a package")
        return lines.joined(separator: "\n")
    }
}
