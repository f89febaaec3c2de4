package import PostgresClient

extension AgencyTextStore {
    static let askTexts = Statement(
        name: "casework_ask_texts", "SELECT request, texts FROM casework.ask_texts($1, $2, $3)")
    static let readTexts = Statement(
        name: "casework_read_texts",
        """
        SELECT referral, agency_id, agency, status, staff, sent_at, key_id, digest, sealed, attachments, erased_at
        FROM casework.read_texts($1)
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [askTexts, readTexts]
}
