/// The group roles that the migrations grant rights to. They belong to the whole server, not to one database, so no
/// migration can own them; the migrator creates what is missing before the first file. Logins are made members of them
/// by whoever runs the server.
package enum MigrationRoles {
    package static let all = [
        "dandelion_intake", "dandelion_routing", "dandelion_notification", "dandelion_gateway", "dandelion_operator",
        "dandelion_ledger",
    ]

    /// Repeatable, also when another database of the same server is migrated at this very moment.
    static func creation(of role: String) -> String {
        """
        DO $$ BEGIN
            CREATE ROLE \(role) NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END $$
        """
    }
}
