public import Migrations

/// The ledger's migrations, in order. A test compares this list with the `SQL` directory.
public enum LedgerMigrations {
    public static let set = MigrationSet(
        module: "Ledger", [Migration(name: "V0001__ledger", sql: PackageResources.V0001__ledger_sql)])
}
