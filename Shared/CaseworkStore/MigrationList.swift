public import Migrations

/// The casework tables' migrations, in order. A test compares this list with the `SQL` directory.
public enum CaseworkMigrations {
    public static let set = MigrationSet(
        module: "CaseworkStore",
        [
            Migration(name: "V0001__casework", sql: PackageResources.V0001__casework_sql),
            Migration(name: "V0002__intake_functions", sql: PackageResources.V0002__intake_functions_sql),
            Migration(name: "V0003__routing_functions", sql: PackageResources.V0003__routing_functions_sql),
            Migration(name: "V0004__gateway_functions", sql: PackageResources.V0004__gateway_functions_sql),
            Migration(name: "V0005__notification_functions", sql: PackageResources.V0005__notification_functions_sql),
            Migration(name: "V0006__operator_functions", sql: PackageResources.V0006__operator_functions_sql),
            Migration(name: "V0007__rule_draft", sql: PackageResources.V0007__rule_draft_sql),
            Migration(name: "V0012__message_requests", sql: PackageResources.V0012__message_requests_sql),
        ])
}
