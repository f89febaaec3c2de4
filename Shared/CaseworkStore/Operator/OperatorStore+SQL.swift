package import PostgresClient

extension OperatorStore {
    static let agencyOverview = Statement(
        name: "casework_agency_overview",
        """
        SELECT id, code, kind, name, division_code, division_name, level, status, has_key, public_key, key_valid_from,
            key_signature, has_webhook, live_keys
        FROM casework.agency_overview ORDER BY code
        """)
    static let caseOverview = Statement(
        name: "casework_case_overview",
        """
        SELECT id, number, status, channel, division_code, division_name, risk, owner_station, owner_level, outcome,
            opened_at, closed_at
        FROM casework.case_overview WHERE number = $1
        """)
    static let recentCases = Statement(
        name: "casework_recent_cases",
        """
        SELECT id, number, status, channel, division_code, division_name, risk, owner_station, owner_level, outcome,
            opened_at, closed_at
        FROM casework.case_overview ORDER BY opened_at DESC LIMIT $1
        """)
    static let referralOverview = Statement(
        name: "casework_referral_overview",
        """
        SELECT id, number, agency_code, agency_name, agency_kind, division_code, tier, purpose, profile, status,
            reason_code, outcome_code, legal_basis, consent_basis, rule_version, explanation, predecessor, requested_at,
            received_at, answered_at, settled_at
        FROM casework.referral_overview WHERE case_id = $1 ORDER BY requested_at, number
        """)
    static let clockOverview = Statement(
        name: "casework_clock_overview",
        """
        SELECT id, referral, kind, name, basis, state, started_at, due_at, ended_at, paused_at
        FROM casework.clock_overview WHERE case_id = $1 ORDER BY started_at, id
        """)
    static let timelineOf = Statement(
        name: "casework_timeline",
        """
        SELECT id, referral, agency_name, kind, actor_kind, actor, rule_version, data, occurred_at
        FROM casework.timeline WHERE case_id = $1 ORDER BY id
        """)
    static let messageOverview = Statement(
        name: "casework_message_overview",
        """
        SELECT id, role, template, state, reason, created_at, settled_at
        FROM casework.message_overview WHERE case_id = $1 ORDER BY created_at, id
        """)
    static let clientOverview = Statement(
        name: "casework_client_overview",
        """
        SELECT id, name, channels, division_scope, division_name, requests_per_minute, may_read_cases, may_change_cases,
            created_at, revoked_at
        FROM casework.client_overview ORDER BY name
        """)
    static let operatorTimeline = Statement(
        name: "casework_operator_timeline",
        """
        SELECT id, kind, subject, data, occurred_at, database_role FROM casework.operator_timeline
        WHERE ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR kind = $2)
            AND ($3::timestamptz IS NULL OR occurred_at >= $3)
        ORDER BY id DESC LIMIT $4
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        agencyOverview, caseOverview, recentCases, referralOverview, clockOverview, timelineOf, messageOverview,
        clientOverview, operatorTimeline,
    ]
}
