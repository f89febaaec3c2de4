package import PostgresClient

extension IntakeStore {
    static let clientByKey = Statement(
        name: "casework_intake_client_by_key",
        """
        SELECT id, name, channels, division_scope, requests_per_minute, may_read_cases, may_change_cases
        FROM casework.intake_client_by_key($1)
        """)
    static let takeKey = Statement(
        name: "casework_take_idempotency_key", "SELECT casework.take_idempotency_key($1, $2, $3, $4)")
    static let open = Statement(
        name: "casework_open_cases",
        """
        SELECT case_id, owner_station_id, owner_station_name, opened_at
        FROM casework.open_cases($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
            $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42)
        """)
    static let read = Statement(
        name: "casework_read_case",
        """
        SELECT id, number, status, channel, division_code, risk, owner_station, opened_at, closed_at, outcome,
            referrals, clocks
        FROM casework.read_case($1, $2)
        """)
    static let stopContactOfCase = Statement(
        name: "casework_stop_contact_of_case", "SELECT cleared FROM casework.stop_contact_of_case($1, $2)")
    static let statusOfReceipt = Statement(
        name: "casework_receipt_status", "SELECT casework.receipt_status($1) AS status")
    static let openedByKey = Statement(
        name: "casework_opened_case",
        """
        SELECT request_hash, case_id, number, status, owner_station_name, opened_at, due_at
        FROM casework.opened_case($1, $2)
        """)
    static let putIntakeClient = Statement(
        name: "casework_put_intake_client", "SELECT casework.put_intake_client($1, $2, $3, $4, $5, $6, $7)")
    static let revokeIntakeClient = Statement(
        name: "casework_revoke_intake_client", "SELECT casework.revoke_intake_client($1)")
    static let forgetKeys = Statement(
        name: "casework_forget_idempotency_keys", "SELECT casework.forget_idempotency_keys($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        clientByKey, takeKey, open, read, stopContactOfCase, statusOfReceipt, openedByKey, putIntakeClient,
        revokeIntakeClient, forgetKeys,
    ]
}
