public import CoreMetrics

extension MetricsRegistry: MetricsFactory {
    /// A counter `<label>_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.counter(label, dimensions)
    }

    /// A counter `<label>_total` of fractions.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        self.counter(label, dimensions)
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.gauge(label, dimensions)
    }

    /// A histogram of counts or sizes, or a gauge when it does not aggregate.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return self.gauge(label, dimensions) }
        return self.histogram(MetricName.sanitised(label), dimensions, bounds: HistogramSeries.countBounds)
    }

    /// A histogram `<label>_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.with(suffix: "_seconds", MetricName.sanitised(label))
        return self.histogram(name, dimensions, bounds: HistogramSeries.secondsBounds)
    }

    /// Ends one use of the series; the last one removes it.
    public func destroyCounter(_ handler: any CounterHandler) {
        self.release(handler)
    }

    /// Ends one use of the series; the last one removes it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        self.release(handler)
    }

    /// Ends one use of the series; the last one removes it.
    public func destroyMeter(_ handler: any MeterHandler) {
        self.release(handler)
    }

    /// Ends one use of the series; the last one removes it.
    public func destroyRecorder(_ handler: any RecorderHandler) {
        self.release(handler)
    }

    /// Ends one use of the series; the last one removes it.
    public func destroyTimer(_ handler: any TimerHandler) {
        self.release(handler)
    }

    // Where there is no room, the caller gets a series that nobody reads: its code stays the same.

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let name = MetricName.with(suffix: "_total", MetricName.sanitised(label))
        let series = self.series(name, dimensions, kind: .counter) { .counter(CounterSeries()) }
        guard case .counter(let counter)? = series else { return CounterSeries() }
        return counter
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        let series = self.series(MetricName.sanitised(label), dimensions, kind: .gauge) { .gauge(GaugeSeries()) }
        guard case .gauge(let gauge)? = series else { return GaugeSeries() }
        return gauge
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)], bounds: [Double]) -> HistogramSeries {
        let series = self.series(name, dimensions, kind: .histogram) { .histogram(HistogramSeries(bounds: bounds)) }
        guard case .histogram(let histogram)? = series else { return HistogramSeries(bounds: bounds) }
        return histogram
    }

    private func release(_ handler: AnyObject) {
        self.release { series in
            switch series {
            case .counter(let counter): counter === handler
            case .gauge(let gauge): gauge === handler
            case .histogram(let histogram): histogram === handler
            case .observed: false
            }
        }
    }
}
