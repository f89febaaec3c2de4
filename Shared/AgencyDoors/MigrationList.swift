public import Migrations

/// The doors' migrations, in order. They come after those of the queue, the casework and the ledger, on whose functions the
/// doors stand. A test compares this list with the `SQL` directory.
public enum AgencyDoorMigrations {
    public static let set = MigrationSet(
        module: "AgencyDoors",
        [
            Migration(name: "V0001__door", sql: PackageResources.V0001__door_sql),
            Migration(name: "V0002__gateway", sql: PackageResources.V0002__gateway_sql),
            Migration(name: "V0003__partner", sql: PackageResources.V0003__partner_sql),
            Migration(name: "V0004__guard", sql: PackageResources.V0004__guard_sql),
            Migration(name: "V0005__repeated_requests", sql: PackageResources.V0005__repeated_requests_sql),
            Migration(name: "V0006__texts", sql: PackageResources.V0006__texts_sql),
            Migration(name: "V0007__rounds", sql: PackageResources.V0007__rounds_sql),
        ])
}
