package import PostgresClient

extension CaseStore {
    static let lockCases = Statement(
        name: "casework_lock_cases",
        """
        SELECT id, number, status, channel, division_code, owner_station_id, risk, facts, narrative, opened_at, version
        FROM casework.lock_cases($1, $2)
        """)
    static let peopleOf = Statement(
        name: "casework_people_of",
        """
        SELECT case_id, id, role, name, phone, email, birth_date, sex, capacity, is_minor, phone_index, email_index
        FROM casework.people_of($1)
        """)
    static let consentsOf = Statement(
        name: "casework_consents_of",
        """
        SELECT case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at, withdrawn_at
        FROM casework.consents_of($1)
        """)
    static let changeCaseOwner = Statement(
        name: "casework_change_owner", "SELECT casework.change_owner($1, $2, $3, $4)")
    static let ownerOf = Statement(name: "casework_owner_of", "SELECT casework.owner_of($1)")
    static let recordRoutingDecisions = Statement(
        name: "casework_record_decisions", "SELECT casework.record_decisions($1, $2, $3, $4)")
    static let recordCaseEscalation = Statement(
        name: "casework_record_escalation", "SELECT casework.record_escalation($1, $2, $3, $4)")
    static let recordRoutingEvent = Statement(
        name: "casework_record_routing_event", "SELECT casework.record_routing_event($1, $2, $3, $4, $5)")
    static let confirmCaseSafety = Statement(
        name: "casework_confirm_safety", "SELECT casework.confirm_safety($1)")
    static let momentsOf = Statement(
        name: "casework_moments_of",
        "SELECT case_id, now, is_routed, rule_version, network_version FROM casework.moments_of($1)")
    static let unroutedCases = Statement(
        name: "casework_unrouted_cases", "SELECT id FROM casework.unrouted_cases($1, $2)")
    static let closeCase = Statement(name: "casework_close_case", "SELECT casework.close_case($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        lockCases, peopleOf, consentsOf, changeCaseOwner, ownerOf, recordRoutingDecisions, recordCaseEscalation,
        recordRoutingEvent, confirmCaseSafety, momentsOf, unroutedCases, closeCase,
    ]
}
