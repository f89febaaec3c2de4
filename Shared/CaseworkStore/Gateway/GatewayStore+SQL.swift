package import PostgresClient

extension GatewayStore {
    static let agenciesByKeys = Statement(
        name: "casework_agencies_by_keys",
        "SELECT key_hash, id, code, kind, name, division_code, scopes FROM casework.agencies_by_keys($1)")
    static let agencyReferrals = Statement(
        name: "casework_agency_referrals",
        """
        SELECT id, number, purpose, profile, status, legal_basis, tier, requested_at, received_at, answered_at,
            settled_at, reason_code, outcome_code, answer_due_at, outcome_due_at, accepted_lease
        FROM casework.agency_referrals($1, $2, $3, $4, $5, $6, $7)
        """)
    static let agencyCounts = Statement(
        name: "casework_agency_counts", "SELECT status, referrals, overdue FROM casework.agency_counts($1)")
    static let markReceived = Statement(
        name: "casework_referral_received", "SELECT casework.referral_received($1, $2, $3)")
    static let acceptReferral = Statement(
        name: "casework_accept_referral", "SELECT casework.accept_referral($1, $2, $3)")
    static let declineReferral = Statement(
        name: "casework_decline_referral", "SELECT casework.decline_referral($1, $2, $3, $4, $5, $6, $7)")
    static let reportProgress = Statement(
        name: "casework_report_progress", "SELECT casework.report_progress($1, $2, $3, $4)")
    static let reportOutcome = Statement(
        name: "casework_report_outcome", "SELECT casework.report_outcome($1, $2, $3, $4, $5)")
    static let addDelivery = Statement(
        name: "casework_add_webhook_delivery", "SELECT casework.add_webhook_delivery($1, $2, $3, $4)")
    static let deliveryByID = Statement(
        name: "casework_webhook_delivery_by_id",
        """
        SELECT agency_id, url, secret, secret_before, event, state, referral_number, created_at
        FROM casework.webhook_delivery_by_id($1)
        """)
    static let settleDelivery = Statement(
        name: "casework_settle_webhook_delivery", "SELECT casework.settle_webhook_delivery($1, $2)")
    static let recordAttempt = Statement(
        name: "casework_record_webhook_attempt", "SELECT casework.record_webhook_attempt($1, $2, $3)")

    static let forgetWebhooks = Statement(
        name: "casework_forget_webhooks", "SELECT casework.forget_webhooks(make_interval(secs => $1), $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        agenciesByKeys, agencyReferrals, agencyCounts, markReceived, acceptReferral, declineReferral, reportProgress,
        reportOutcome,
        addDelivery, deliveryByID, settleDelivery, recordAttempt, forgetWebhooks,
    ]
}
