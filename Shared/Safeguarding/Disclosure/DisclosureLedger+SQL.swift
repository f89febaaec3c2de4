package import PostgresClient

extension DisclosureLedger {
    static let recordDisclosure = Statement(
        name: "safeguarding_record_disclosure", "SELECT safeguarding.record_disclosure($1, $2, $3, $4, $5, $6, $7)")
    static let requireDisclosure = Statement(
        name: "safeguarding_require_disclosure", "SELECT safeguarding.require_disclosure($1, $2, $3)")
    static let disclosuresOf = Statement(
        name: "safeguarding_disclosures_of",
        """
        SELECT id, number, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at
        FROM safeguarding.disclosures_of($1)
        """)
    static let disclosuresAfter = Statement(
        name: "safeguarding_disclosures_after",
        """
        SELECT id, number, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at
        FROM safeguarding.disclosures_after($1, $2)
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [recordDisclosure, requireDisclosure, disclosuresOf, disclosuresAfter]
}
