import CaseworkStore

/// Agencies that have about as much waiting as they may: nothing is sealed for them ahead then, and staff call.
enum AgencyQuotaChecks {
    static func finding(_ backlogs: [String: AgencyBacklog]) -> Finding {
        let remedy = "ask the agency why it answers nothing; `dandelion agency quota` raises what may wait"
        func list(_ codes: [String]) -> String {
            codes.sorted().prefix(10).joined(separator: ", ") + (codes.count > 10 ? ", …" : "")
        }
        let full = backlogs.filter(\.value.isFull).map(\.key)
        guard full.isEmpty else {
            return .warning(
                "waiting hand-overs",
                "\(full.count) agencies have as much as may wait, so staff call for each new one: \(list(full))", remedy
            )
        }
        let near = backlogs.filter { $0.value.share >= 0.8 }.map(\.key)
        guard near.isEmpty else {
            return .warning("waiting hand-overs", "\(near.count) agencies are near their quota: \(list(near))", remedy)
        }
        return .ok("waiting hand-overs", "no agency is near its quota")
    }
}
