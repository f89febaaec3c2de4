package import PostgresClient

extension ReferralStore {
    static let createReferrals = Statement(
        name: "casework_create_referrals",
        "SELECT casework.create_referrals($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
    static let referralsOf = Statement(
        name: "casework_referrals_of",
        """
        SELECT case_id, id, number, agency_id, agency_kind, division_code, purpose, profile, status, tier, outcome_clock,
            reason_code, suggested_kind, outcome_code, predecessor_id, rule_version, legal_basis, consent_basis,
            priority::integer AS priority, explanation, requested_at, answered_at, settled_at, is_past
        FROM casework.referrals_of($1)
        """)
    static let setReferralStatus = Statement(
        name: "casework_set_referral_status", "SELECT casework.set_referral_status($1, $2, $3, $4, $5, $6)")
    static let casesOfReferrals = Statement(
        name: "casework_cases_of_referrals", "SELECT id, case_id FROM casework.cases_of_referrals($1)")

    static let recordSealing = Statement(
        name: "casework_record_sealing", "SELECT casework.record_sealing($1, $2, $3, $4, $5)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [createReferrals, referralsOf, setReferralStatus, casesOfReferrals, recordSealing]
}
