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
            Migration(name: "V0008__staff", sql: PackageResources.V0008__staff_sql),
            Migration(name: "V0009__consent", sql: PackageResources.V0009__consent_sql),
            Migration(name: "V0010__clock_changes", sql: PackageResources.V0010__clock_changes_sql),
            Migration(name: "V0011__closing", sql: PackageResources.V0011__closing_sql),
            Migration(name: "V0012__risk", sql: PackageResources.V0012__risk_sql),
            Migration(name: "V0013__superior", sql: PackageResources.V0013__superior_sql),
            Migration(name: "V0014__network", sql: PackageResources.V0014__network_sql),
            Migration(name: "V0015__joint", sql: PackageResources.V0015__joint_sql),
            Migration(name: "V0016__people", sql: PackageResources.V0016__people_sql),
            Migration(name: "V0017__message_requests", sql: PackageResources.V0017__message_requests_sql),
            Migration(name: "V0018__webhooks", sql: PackageResources.V0018__webhooks_sql),
            Migration(name: "V0019__retention", sql: PackageResources.V0019__retention_sql),
            Migration(name: "V0020__agency_keys", sql: PackageResources.V0020__agency_keys_sql),
            Migration(
                name: "V0021__impact_assessment", sql: PackageResources.V0021__impact_assessment_sql),
            Migration(name: "V0022__agency_quotas", sql: PackageResources.V0022__agency_quotas_sql),
            Migration(name: "V0023__agency_texts", sql: PackageResources.V0023__agency_texts_sql),
        ])
}
