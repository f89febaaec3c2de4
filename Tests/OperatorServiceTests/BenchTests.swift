import Casework
import Foundation
import Testing

@testable import OperatorService

struct BenchTests {
    @Test func percentilesAreByNearestRank() {
        let times = (1...100).shuffled().map { Duration.milliseconds($0) }
        let found = Percentiles(times)
        #expect([found.p50, found.p95, found.p99, found.max] == [50, 95, 99, 100])
        #expect(Percentiles([.milliseconds(7)]).p99 == 7)
        #expect(Percentiles([]).count == 0)
    }

    @Test func aProcessNameMayHoldAnything() throws {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 200 100 50 25 20 0 8 0 100 1 1"
        let use = try #require(ProcessUse(stat: line))
        #expect(use.pid == 42 && use.parent == 7 && use.name == "a) b (c")
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect(use.ownSeconds == 300 / ticks)
        #expect(use.endedChildrenSeconds == 75 / ticks)
        #expect(ProcessUse(stat: "nonsense") == nil)
    }

    @Test func thisProcessIsSeen() throws {
        let pid = Int(getpid())
        #expect(ProcessUse.of(pid)?.pid == pid)
        let memory = try #require(ProcessUse.megabytes(pid))
        #expect(memory.peak >= memory.resident && memory.resident > 1)
    }

    @Test func theRequestGoesToTheAgencysDivisionAndIsSomebodyElsesEachTime() throws {
        let template = Array(
            #"{"division":"150000","channel":"online","people":[{"role":"child"},{"phone":"1","email":"a@b.c"}]}"#.utf8)
        let request = try BenchRequest(template, division: try #require(DivisionCode("150104")))
        let tree = JSONTree(text: String(decoding: request.body(42), as: UTF8.self))
        #expect(
            tree
                == .object([
                    "division": .text("150104"), "channel": .text("online"),
                    "people": .list([
                        .object(["role": .text("child")]),
                        .object(["phone": .text("00000000042"), "email": .text("p0000000042@example.org")]),
                    ]),
                ]))
        #expect(request.body(42) != request.body(43))
    }

    @Test func aHandOverCountsOnceFromItsCommitToItsFirstLease() {
        let times = DoorTimes()
        let start = ContinuousClock.now
        times.committed("R-1", at: start)
        times.leased("R-1", at: start + .milliseconds(7))
        times.leased("R-1", at: start + .milliseconds(900))
        // Whoever leases may hear of the commit first.
        times.leased("R-2", at: start)
        times.committed("R-2", at: start + .milliseconds(1))
        times.committed("R-3", at: start)
        times.leased("R-4", at: start)
        let (found, lost) = times.result()
        #expect(found.sorted() == [.zero, .milliseconds(7)])
        #expect(lost == 1, "R-3 was never leased, R-4 is another measurement's")
        #expect(times.leasedCount == 3)
    }

    @Test func webhooksAreCountedFromTheFirstCommitToTheLastArrival() throws {
        func webhooks(_ hanging: Int, _ pause: Double) -> DoorsBenchReport.Webhooks {
            let ids = (0..<100).map { "w\($0)" }
            let committed = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, 1000 + Double($0) * 0.01) })
            var arrived = committed.mapValues { $0 + pause }
            arrived["w50"] = nil
            arrived["of another run"] = 5000
            return .init(endpoints: 10, hanging: hanging, committed: committed, arrived: arrived)
        }
        let calm = webhooks(0, 0.01)
        #expect(calm.lost == 1 && calm.milliseconds.count == 99)
        #expect(abs(calm.milliseconds.p50 - 10) < 0.01 && abs(calm.milliseconds.p99 - 10) < 0.01)
        #expect(abs(calm.perSecond - 99) < 0.01, "99 arrived in the second from 1000.00 to 1001.00")
        let times = DoorsBenchReport.HandOvers(milliseconds: Percentiles([.milliseconds(5)]), lost: 2)
        let report = DoorsBenchReport(
            idle: 3, http: times, sql: times, leases: .init(count: 10, perSecond: 20, lost: 1), calm: calm,
            hung: webhooks(2, 0.015), sealing: 92.55)
        #expect(abs(try #require(report.slowdown) - 1.5) < 0.01)
        #expect(report.lost == 2 + 2 + 1 + 1 + 1)
        #expect(report.text.contains("webhook, 2 of 10 hang") && report.text.contains("p99 1.5 times"))
        #expect(report.text.contains("sealing: 92.6 µs a package"), "\(report.text)")
        let without = webhooks(0, 0)
        #expect(without.milliseconds.p99 == 0)
        let nothing = DoorsBenchReport.Webhooks(endpoints: 1, hanging: 0, committed: [:], arrived: [:])
        #expect(nothing.perSecond == 0 && nothing.lost == 0)
    }
}
