package import PostgresClient

extension ConsentStore {
    static let recordConsent = Statement(
        name: "casework_record_consent",
        """
        SELECT case_id, revoked FROM casework.record_consent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """)
    static let withdrawConsent = Statement(
        name: "casework_withdraw_consent",
        "SELECT case_id, revoked FROM casework.withdraw_consent($1, $2, $3, $4, $5, $6)")
    static let revokeExpired = Statement(
        name: "casework_revoke_expired", "SELECT casework.revoke_expired($1)")
    static let agenciesByCode = Statement(
        name: "casework_agencies_by_code", "SELECT id, code, kind FROM casework.agencies_by_code($1)")
    static let knownAgencyKinds = Statement(
        name: "casework_known_agency_kinds", "SELECT kind FROM casework.known_agency_kinds($1) AS kind")
    static let consentsForClient = Statement(
        name: "casework_consents_for_client",
        """
        SELECT agency_kinds, agencies, purpose, granted, given_by, data_kinds, recorded_at, expires_at, withdrawn_at
        FROM casework.consents_for_client($1, $2)
        """)
    static let consentOverview = Statement(
        name: "casework_consent_overview",
        """
        SELECT agency_kinds, agencies, purpose, granted, given_by, data_kinds, recorded_at, expires_at, withdrawn_at
        FROM casework.consent_overview WHERE case_number = $1 ORDER BY recorded_at, purpose
        """)

    static let overrideConsent = Statement(
        name: "casework_override_consent",
        "SELECT casework.override_consent($1, $2, $3, $4, $5, $6, $7, $8)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        recordConsent, withdrawConsent, revokeExpired, agenciesByCode, knownAgencyKinds, consentsForClient,
        consentOverview, overrideConsent,
    ]
}
