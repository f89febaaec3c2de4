public import Migrations

/// The disclosure ledger's migrations, in order. A test compares this list with the `SQL` directory.
public enum SafeguardingMigrations {
    public static let set = MigrationSet(
        module: "Safeguarding",
        [
            Migration(name: "V0001__disclosure_ledger", sql: PackageResources.V0001__disclosure_ledger_sql),
            Migration(name: "V0002__sealed_package", sql: PackageResources.V0002__sealed_package_sql),
            Migration(name: "V0003__agency_text", sql: PackageResources.V0003__agency_text_sql),
        ])
}
