package import PostgresClient

extension AgencyStore {
    static let putAgency = Statement(
        name: "casework_put_agency", "SELECT casework.put_agency($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    static let removeAgencyKey = Statement(
        name: "casework_remove_agency_key", "SELECT casework.remove_agency_key($1)")
    static let removeAgencyWebhook = Statement(
        name: "casework_remove_agency_webhook", "SELECT casework.remove_agency_webhook($1)")
    static let setAgencyStatus = Statement(
        name: "casework_set_agency_status", "SELECT casework.set_agency_status($1, $2)")
    static let addAgencyKey = Statement(
        name: "casework_add_agency_key", "SELECT casework.add_agency_key($1, $2, $3, $4, $5)")
    static let revokeAgencyKeys = Statement(
        name: "casework_revoke_agency_keys", "SELECT casework.revoke_agency_keys($1, $2)")
    static let agenciesAt = Statement(
        name: "casework_agencies_at",
        """
        SELECT id, code, kind, name, division_code, 'active' AS status, public_key, key_valid_from, key_signature,
            webhook_url, services, hours, capacity, load
        FROM casework.agencies_at($1)
        """)
    static let agenciesByID = Statement(
        name: "casework_agencies_by_id",
        """
        SELECT id, code, kind, name, division_code, status, public_key, key_valid_from, key_signature, webhook_url,
            services, hours, capacity, NULL::bigint AS load
        FROM casework.agencies_by_id($1)
        """)
    static let putAgencyDetails = Statement(
        name: "casework_put_agency_details", "SELECT casework.put_agency_details($1, $2, $3, $4, $5)")
    static let putAlliance = Statement(
        name: "casework_put_alliance",
        "SELECT casework.put_alliance($1, $2, $3, $4, $5::text::date, $6::text::date, $7)")
    static let alliances = Statement(
        name: "casework_alliances",
        """
        SELECT code, name, members, purposes, holds_from::text AS holds_from, holds_until::text AS holds_until, basis
        FROM casework.alliances()
        """)
    static let putStationUnits = Statement(
        name: "casework_put_station_units", "SELECT casework.put_station_units($1, $2, $3)")
    static let stationUnits = Statement(
        name: "casework_station_units", "SELECT kind, division_code, name FROM casework.station_unit_overview")

    static let agencyBacklog = Statement(
        name: "casework_agency_backlog",
        "SELECT waiting, waiting_bytes, max_waiting, max_waiting_bytes FROM casework.agency_backlog($1)")
    static let agencyBacklogs = Statement(
        name: "casework_agency_backlogs",
        "SELECT code, waiting, waiting_bytes, max_waiting, max_waiting_bytes FROM casework.agency_backlogs()")
    static let setAgencyQuota = Statement(
        name: "casework_set_agency_quota", "SELECT casework.set_agency_quota($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        putAgency, removeAgencyKey, removeAgencyWebhook, setAgencyStatus, addAgencyKey, revokeAgencyKeys, agenciesAt,
        agenciesByID, putAgencyDetails, putAlliance, alliances, putStationUnits, stationUnits,
        agencyBacklog, agencyBacklogs, setAgencyQuota,
    ]
}
