package import PostgresClient

extension NetworkKeyStore {
    static let addKey = Statement(
        name: "safeguarding_add_network_key", "SELECT safeguarding.add_network_key($1, $2, $3)")
    static let retireKey = Statement(
        name: "safeguarding_retire_network_key", "SELECT safeguarding.retire_network_key($1)")
    static let listKeys = Statement(
        name: "safeguarding_network_keys",
        "SELECT id, public_key, valid_from, signature, added_at, state, texts FROM safeguarding.network_keys()")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [addKey, retireKey, listKeys]
}
