package import PostgresClient

extension AgencyStore {
    static let putAgency = Statement(
        name: "casework_put_agency", "SELECT casework.put_agency($1, $2, $3, $4, $5, $6, $7)")
    static let removeAgencyWebhook = Statement(
        name: "casework_remove_agency_webhook", "SELECT casework.remove_agency_webhook($1)")
    static let setAgencyStatus = Statement(
        name: "casework_set_agency_status", "SELECT casework.set_agency_status($1, $2)")
    static let addAgencyKey = Statement(name: "casework_add_agency_key", "SELECT casework.add_agency_key($1, $2, $3)")
    static let revokeAgencyKeys = Statement(
        name: "casework_revoke_agency_keys", "SELECT casework.revoke_agency_keys($1, $2)")
    static let agenciesAt = Statement(
        name: "casework_agencies_at",
        "SELECT id, code, kind, name, division_code, public_key, webhook_url FROM casework.agencies_at($1)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        putAgency, removeAgencyWebhook, setAgencyStatus, addAgencyKey, revokeAgencyKeys, agenciesAt,
    ]
}
