import CaseworkStore
import FoundationEssentials

/// The messages of an installation in numbers.
struct NotifyReport: Encodable {
    struct Line: Encodable {
        let audience: String
        let lane: Int
        let state: String
        let reason: String?
        let provider: String?
        let messages: Int
        let segments: Int
        /// In fen.
        let cost: Double
        let oldestSeconds: Double
    }

    let lines: [Line]
    let openTasks: Int
    /// In danger to life: messages that wait for longer than two minutes, and tasks that are open.
    let urgentLate: Int

    init(_ counts: [MessageCount], _ tasks: [StaffTask], now: Date = Date()) {
        self.lines = counts.map { count in
            Line(
                audience: count.audience, lane: count.lane, state: count.state.rawValue, reason: count.reason,
                provider: count.provider, messages: count.messages, segments: count.segments,
                cost: Double(count.cost) / 1000, oldestSeconds: max(0, now.timeIntervalSince(count.oldest)))
        }
        self.openTasks = tasks.count
        self.urgentLate =
            tasks.count { $0.lane == 0 && now.timeIntervalSince($0.openedAt) > 120 }
            + counts.filter { $0.lane == 0 && !$0.state.isSettled && now.timeIntervalSince($0.oldest) > 120 }
            .reduce(0) { $0 + $1.messages }
    }

    var text: String {
        let numbers = ["messages", "parts", "fen", "oldest"]
        var table = TextTable(["to", "lane", "state", "why", "provider"] + numbers, right: Set(numbers))
        for line in self.lines {
            table.add([
                line.audience, String(line.lane), line.state, line.reason ?? "", line.provider ?? "",
                String(line.messages), String(line.segments), line.cost == 0 ? "" : Numbers.tenths(line.cost),
                BeijingTime.span(line.oldestSeconds),
            ])
        }
        return table.text(empty: "no messages") + "\n\n\(self.openTasks) tasks are open"
    }
}
