import CoreMetrics
import FoundationEssentials
import Testing

@testable import ServiceKit

@Suite struct MetricsRegistryTests {
    @Test func countersGetTheirSuffixAndLabelsAreEscapedAndSorted() {
        let registry = MetricsRegistry()
        registry.describe("jobs.done_total", "Jobs\nthat are done.")
        Counter(label: "jobs.done", dimensions: [("queue name", "一\"二\"\\\n"), ("a", "1")], factory: registry)
            .increment(by: 3)
        #expect(
            registry.exposition() == """
                # HELP jobs_done_total Jobs\\nthat are done.
                # TYPE jobs_done_total counter
                jobs_done_total{a="1",queue_name="一\\"二\\"\\\\\\n"} 3

                """)
    }

    @Test func equalNamesAndLabelsAreOneSeries() {
        let registry = MetricsRegistry()
        Counter(label: "n", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "n", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(registry.exposition().contains("n_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func timersAreHistogramsInSeconds() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "wait", factory: registry)
        timer.recordMilliseconds(3)
        timer.recordSeconds(2)
        timer.recordSeconds(100)
        let text = registry.exposition()
        #expect(text.hasPrefix("# TYPE wait_seconds histogram\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"0.0025\"} 0\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"2.5\"} 2\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"60\"} 2\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"+Inf\"} 3\n"))
        #expect(text.contains("wait_seconds_sum 102.003\nwait_seconds_count 3\n"))
    }

    @Test func metersAndGaugesShowTheirLastValue() {
        let registry = MetricsRegistry()
        let meter = Meter(label: "active", factory: registry)
        meter.set(5)
        meter.decrement()
        Gauge(label: "depth", factory: registry).record(2.5)
        let text = registry.exposition()
        #expect(text.contains("# TYPE active gauge\nactive 4\n"))
        #expect(text.contains("depth 2.5\n"))
    }

    @Test func aCounterNeverGoesDown() {
        let registry = MetricsRegistry()
        let counter = FloatingPointCounter(label: "n", factory: registry)
        counter.increment(by: 1.5)
        counter.increment(by: -1)
        counter.increment(by: Double.nan)
        #expect(registry.exposition().contains("n_total 1.5\n"))
    }

    @Test func surplusSeriesAreDroppedAndCounted() {
        let registry = MetricsRegistry(maximumFamilies: 10, maximumSeries: 2)
        for value in 0..<5 { Counter(label: "n", dimensions: [("v", "\(value)")], factory: registry).increment() }
        let text = registry.exposition()
        #expect(text.contains("n_total{v=\"1\"} 1\n"))
        #expect(!text.contains("v=\"2\""))
        #expect(text.contains("dandelion_metrics_dropped_series_total{metric=\"n_total\"} 3\n"))
    }

    @Test func surplusNamesAreDroppedAndCounted() {
        let registry = MetricsRegistry(maximumFamilies: 1)
        Counter(label: "a", factory: registry).increment()
        Counter(label: "b", factory: registry).increment()
        let text = registry.exposition()
        #expect(!text.contains("b_total 1"))
        #expect(text.contains("dandelion_metrics_dropped_series_total{metric=\"b_total\"} 1\n"))
    }

    @Test func oneNameHasOneKind() {
        let registry = MetricsRegistry()
        Meter(label: "n_total", factory: registry).set(1)
        Counter(label: "n", factory: registry).increment()
        #expect(registry.exposition().contains("# TYPE n_total gauge\nn_total 1\n"))
    }

    @Test func aSeriesLivesUntilItsLastUserDestroysIt() {
        let registry = MetricsRegistry()
        let first = Counter(label: "n", factory: registry)
        let second = Counter(label: "n", factory: registry)
        second.increment()
        first.destroy()
        #expect(registry.exposition().contains("n_total 1\n"))
        second.destroy()
        #expect(registry.exposition() == "")
    }

    @Test func observedValuesAreReadAtTheScrape() {
        let registry = MetricsRegistry()
        registry.observeGauge("pool", labels: [("state", "idle")], help: "Pool.") { 7 }
        registry.observeGauge("absent", help: "Not known.") { nil }
        let text = registry.exposition()
        #expect(text.contains("# HELP pool Pool.\n# TYPE pool gauge\npool{state=\"idle\"} 7\n"))
        #expect(!text.contains("\nabsent "))
    }

    @Test func theProcessReportsItsMemoryAndTime() throws {
        let registry = MetricsRegistry()
        registry.observeProcess(startedAt: Date(timeIntervalSince1970: 1000))
        #expect(registry.exposition().contains("process_start_time_seconds 1000\n"))
        #expect(try #require(ProcessUse.residentBytes()) > 1_000_000)
        #expect(try #require(ProcessUse.cpuSeconds()) > 0)
    }
}
