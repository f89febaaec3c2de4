package import PostgresClient

extension MessageRequests {
    static let notifyStation = Statement(
        name: "casework_notify_station", "SELECT casework.notify_station($1, $2, $3)")
    static let notifyHelpSeekers = Statement(
        name: "casework_notify_help_seekers", "SELECT casework.notify_help_seekers($1, $2, $3, $4)")
    static let remindAgency = Statement(name: "casework_remind_agency", "SELECT casework.remind_agency($1)")
    static let notifyOperators = Statement(
        name: "casework_notify_operators", "SELECT casework.notify_operators($1, $2)")
    static let gatherDigests = Statement(name: "casework_gather_digests", "SELECT casework.gather_digests()")
    static let networkTroubles = Statement(
        name: "casework_network_troubles", "SELECT overdue_clocks, dead_letters FROM casework.network_troubles($1)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        notifyStation, notifyHelpSeekers, remindAgency, notifyOperators, gatherDigests, networkTroubles,
    ]
}
