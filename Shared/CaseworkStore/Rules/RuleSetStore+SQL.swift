package import PostgresClient

extension RuleSetStore {
    static let activeSet = Statement(
        name: "casework_active_rule_set", "SELECT version, yaml FROM casework.active_rule_set()")
    static let setByVersion = Statement(
        name: "casework_rule_set_by_version", "SELECT version, yaml FROM casework.rule_set_by_version($1)")
    static let activateSet = Statement(name: "casework_activate_rule_set", "SELECT casework.activate_rule_set($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [activeSet, setByVersion, activateSet]
}
