import NIOConcurrencyHelpers

/// Every metric of the process, and its text in the Prometheus exposition format.
///
/// The number of series is bounded: a label that takes too many values (a defect, since labels must never hold ids or
/// anything personal) costs the surplus series, counted in `dandelion_metrics_dropped_series_total`, and not the memory
/// of the process.
public final class MetricsRegistry: Sendable {
    private struct State {
        var families: [String: MetricFamily] = [:]
        var help: [String: String] = [:]
        var dropped: [String: Int] = [:]
    }

    private static let droppedName = "dandelion_metrics_dropped_series_total"

    private let state = NIOLockedValueBox(State())
    private let maximumFamilies: Int
    private let maximumSeries: Int

    /// A registry with room for so many names, and so many label combinations under each name.
    public init(maximumFamilies: Int = 500, maximumSeries: Int = 1000) {
        self.maximumFamilies = maximumFamilies
        self.maximumSeries = maximumSeries
    }

    /// Gives a metric its HELP line.
    public func describe(_ name: String, _ help: String) {
        self.state.withLockedValue { $0.help[MetricName.sanitised(name)] = help }
    }

    /// A gauge that is read at the moment of each scrape. The closure runs on the scraping task and must not block;
    /// nil leaves the sample out.
    public func observeGauge(
        _ name: String, labels: [(String, String)] = [], help: String, _ read: @escaping @Sendable () -> Double?
    ) {
        self.describe(name, help)
        _ = self.series(MetricName.sanitised(name), labels, kind: .gauge) { .observed(read) }
    }

    /// A counter that is kept elsewhere and read at the moment of each scrape. The name should end in `_total`.
    public func observeCounter(
        _ name: String, labels: [(String, String)] = [], help: String, _ read: @escaping @Sendable () -> Double?
    ) {
        self.describe(name, help)
        _ = self.series(MetricName.sanitised(name), labels, kind: .counter) { .observed(read) }
    }

    /// Everything, as `text/plain; version=0.0.4`.
    public func exposition() -> String {
        // A copy: observed values are read outside the lock, since their closures may take locks of their own.
        let state = self.state.withLockedValue { $0 }
        var text = ""
        for (name, family) in state.families.sorted(by: { $0.key < $1.key }) where !family.entries.isEmpty {
            text += family.rendered(name: name, help: state.help[name])
        }
        if !state.dropped.isEmpty {
            text += "# HELP \(Self.droppedName) Series that were refused because a metric had too many.\n"
            text += "# TYPE \(Self.droppedName) counter\n"
            for (name, count) in state.dropped.sorted(by: { $0.key < $1.key }) {
                text += "\(Self.droppedName)\(LabelSet([("metric", name)]).rendered()) \(count)\n"
            }
        }
        return text
    }

    /// The series under a name and labels, made when it is new. nil when there is no room, or the name has another kind.
    func series(
        _ name: String, _ dimensions: [(String, String)], kind: MetricKind, make: () -> MetricSeries
    ) -> MetricSeries? {
        let labels = LabelSet(dimensions)
        return self.state.withLockedValue { state in
            if state.families[name] == nil, state.families.count < self.maximumFamilies {
                state.families[name] = MetricFamily(kind: kind)
            }
            guard let family = state.families[name], family.kind == kind else {
                return Self.refuse(name, &state)
            }
            if let entry = family.entries[labels] {
                state.families[name]?.entries[labels]?.uses += 1
                return entry.series
            }
            guard family.entries.count < self.maximumSeries else {
                return Self.refuse(name, &state)
            }
            let series = make()
            state.families[name]?.entries[labels] = MetricFamily.Entry(series: series, uses: 1)
            return series
        }
    }

    /// Gives back one use of a series; the last one removes it.
    func release(where isSame: (MetricSeries) -> Bool) {
        self.state.withLockedValue { state in
            for (name, family) in state.families {
                for (labels, entry) in family.entries where isSame(entry.series) {
                    if entry.uses > 1 {
                        state.families[name]?.entries[labels]?.uses -= 1
                    } else {
                        state.families[name]?.entries[labels] = nil
                    }
                    return
                }
            }
        }
    }

    private static func refuse(_ name: String, _ state: inout State) -> MetricSeries? {
        // The names of refused families are bounded too: past the limit they share one line.
        let key = state.families[name] != nil || state.dropped.count < 100 ? name : "other"
        state.dropped[key, default: 0] += 1
        return nil
    }
}
