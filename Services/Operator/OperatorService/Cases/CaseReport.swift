import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// All that operators may see of one case.
struct CaseReport: Sendable {
    let overview: CaseOverview
    let timeline: [TimelineEntry]
    let referrals: [ReferralOverview]
    let clocks: [ClockOverview]
    let messages: [MessageOverview]

    /// - Throws: `CommandFailure` for an unknown number.
    static func load(_ number: CaseNumber, on pool: PostgresPool) async throws -> CaseReport {
        try await pool.withTransaction("case_report", isolation: .repeatableRead) { transaction in
            let store = OperatorStore()
            guard let overview = try await store.caseOverview(number: number, on: transaction) else {
                throw CommandFailure(.badData, "there is no case \(number); see `dandelion case list`")
            }
            return CaseReport(
                overview: overview, timeline: try await store.timeline(of: overview.id, on: transaction),
                referrals: try await store.referrals(of: overview.id, on: transaction),
                clocks: try await store.clocks(of: overview.id, on: transaction),
                messages: try await store.messages(of: overview.id, on: transaction))
        }
    }

    // MARK: - For people

    var heading: String {
        let overview = self.overview
        let station = "\(overview.ownerStation.printable)（\(overview.ownerLevel.chinese)）"
        let outcome = overview.outcome.map { "，\($0.chinese)" } ?? ""
        return """
            案件 \(overview.number)  \(overview.status.chinese)\(outcome)
            \(overview.channel.chinese)  \(overview.divisionName)（\(overview.division)）  风险 \(overview.risk.chinese)
            主办 \(station)  受理 \(BeijingTime.full(overview.openedAt))
            """
    }

    static func line(_ entry: TimelineEntry) -> String {
        "  \(BeijingTime.full(entry.occurredAt).dropFirst(5))  "
            + EventText.line(
                kind: entry.kind, agency: entry.agencyName, referral: entry.referral?.rawValue, data: entry.data)
    }

    var text: String {
        [
            self.heading, "时间线\n" + self.timeline.map(Self.line).joined(separator: "\n"), "转介\n" + self.referralTable,
            "时限\n" + self.clockTable, "告知\n" + self.messageTable, "研判说明\n" + self.explanation,
        ].joined(separator: "\n\n")
    }

    private var referralTable: String {
        var table = TextTable(["编号", "部门", "事项", "状态", "结果", "发出", "答复", "办结", "同意依据"])
        for referral in self.referrals {
            let reason = referral.reasonCode.map { RejectReason(rawValue: $0)?.chinese ?? $0 }
            let predecessor = referral.predecessor.map { "（接 \($0)）" } ?? ""
            table.add([
                referral.number.rawValue, referral.agencyName, referral.purpose.chinese + predecessor,
                referral.status.chinese, referral.outcome?.chinese ?? reason ?? "",
                BeijingTime.time(referral.requestedAt), referral.answeredAt.map(BeijingTime.time) ?? "",
                referral.settledAt.map(BeijingTime.time) ?? "", referral.consentBasis.chinese,
            ])
        }
        return table.text(empty: "无", indent: 2)
    }

    private var clockTable: String {
        var table = TextTable(["时限", "转介", "状态", "开始", "到期", "依据"])
        for clock in self.clocks {
            table.add([
                clock.kind.chinese, clock.referral?.rawValue ?? "", clock.status.chinese,
                BeijingTime.short(clock.startedAt), BeijingTime.full(clock.dueAt), clock.basis,
            ])
        }
        return table.text(empty: "无", indent: 2)
    }

    private var messageTable: String {
        var table = TextTable(["对象", "内容", "结果", "原因", "时间"])
        for message in self.messages {
            table.add([
                message.role.chinese, EventWords.template(message.template), message.state.chinese,
                message.reason.map(EventWords.suppression) ?? "",
                BeijingTime.time(message.settledAt ?? message.createdAt),
            ])
        }
        return table.text(empty: "无", indent: 2)
    }

    /// The sentences of every decision on the case, each once.
    private var explanation: String {
        var seen: Set<String> = []
        let sentences = self.timeline.filter { $0.kind == CaseEventKind.caseRouted.rawValue }
            .flatMap { EventData($0.data)?.explanation ?? [] }.filter { seen.insert($0).inserted }
        return sentences.isEmpty ? "  无" : sentences.map { "  \($0.printable)" }.joined(separator: "\n")
    }
}
