/// What a metric is; a name has one kind only.
enum MetricKind: String {
    case counter
    case gauge
    case histogram
}

/// One series of a family, wherever its value comes from.
enum MetricSeries {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
    /// Asked for at the moment of the scrape. nil leaves the sample out.
    case observed(@Sendable () -> Double?)
}

/// All series under one name.
struct MetricFamily {
    struct Entry {
        let series: MetricSeries
        /// How many live handles share it; swift-metrics hands out one per call.
        var uses: Int
    }

    let kind: MetricKind
    var entries: [LabelSet: Entry] = [:]

    /// The lines of the family in the text exposition format.
    func rendered(name: String, help: String?) -> String {
        var text = ""
        if let help {
            let escaped = help.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
                .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
            text += "# HELP \(name) \(escaped)\n"
        }
        text += "# TYPE \(name) \(self.kind.rawValue)\n"
        for (labels, entry) in self.entries.sorted(by: { $0.key < $1.key }) {
            switch entry.series {
            case .counter(let series):
                text += "\(name)\(labels.rendered()) \(Self.number(series.value))\n"
            case .gauge(let series):
                text += "\(name)\(labels.rendered()) \(Self.number(series.value))\n"
            case .observed(let read):
                guard let value = read() else { continue }
                text += "\(name)\(labels.rendered()) \(Self.number(value))\n"
            case .histogram(let series):
                text += Self.histogram(name, labels, series)
            }
        }
        return text
    }

    private static func histogram(_ name: String, _ labels: LabelSet, _ series: HistogramSeries) -> String {
        let snapshot = series.snapshot
        var text = ""
        var cumulative: UInt64 = 0
        for (bound, count) in zip(series.bounds, snapshot.counts) {
            cumulative += count
            let bucket = labels.rendered(adding: .init(name: "le", value: Self.number(bound)))
            text += "\(name)_bucket\(bucket) \(cumulative)\n"
        }
        text += "\(name)_bucket\(labels.rendered(adding: .init(name: "le", value: "+Inf"))) \(snapshot.count)\n"
        text += "\(name)_sum\(labels.rendered()) \(Self.number(snapshot.sum))\n"
        text += "\(name)_count\(labels.rendered()) \(snapshot.count)\n"
        return text
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }
}
