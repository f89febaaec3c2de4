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
}
