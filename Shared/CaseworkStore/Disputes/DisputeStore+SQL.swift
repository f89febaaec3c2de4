package import PostgresClient

extension DisputeStore {
    static let commonSuperior = Statement(
        name: "casework_common_superior", "SELECT division_code FROM casework.common_superior($1)")
    static let askSuperior = Statement(
        name: "casework_ask_superior", "SELECT casework.ask_superior($1, $2, $3, $4)")
    static let moveDispute = Statement(
        name: "casework_move_dispute", "SELECT casework.move_dispute($1, $2, $3)")
    static let disputesOf = Statement(
        name: "casework_disputes_of", "SELECT purpose, division_code, decided_agency_id FROM casework.disputes_of($1)")
    static let decideDispute = Statement(
        name: "casework_decide_dispute", "SELECT casework.decide_dispute($1, $2, $3, $4, $5)")
    static let settleDispute = Statement(
        name: "casework_settle_dispute", "SELECT casework.settle_dispute($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        commonSuperior, askSuperior, moveDispute, disputesOf, decideDispute, settleDispute,
    ]
}
