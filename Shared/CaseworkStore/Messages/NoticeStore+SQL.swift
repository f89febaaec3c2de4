package import PostgresClient

extension NoticeStore {
    static let addNotice = Statement(name: "casework_add_notice", "SELECT casework.add_notice($1, $2, $3, $4)")
    static let noticeForSending = Statement(
        name: "casework_notice_for_sending",
        """
        SELECT case_id, case_number, station_id, station_name, email, kind, state FROM casework.notice_for_sending($1)
        """)
    static let settleNotice = Statement(name: "casework_settle_notice", "SELECT casework.settle_notice($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [addNotice, noticeForSending, settleNotice]
}
