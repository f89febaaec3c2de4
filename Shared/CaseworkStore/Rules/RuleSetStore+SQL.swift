package import PostgresClient

extension RuleSetStore {
    static let activeSet = Statement(
        name: "casework_active_rule_set", "SELECT version, yaml FROM casework.active_rule_set()")
    static let setByVersion = Statement(
        name: "casework_rule_set_by_version", "SELECT version, yaml FROM casework.rule_set_by_version($1)")
    static let activateSet = Statement(
        name: "casework_activate_rule_set", "SELECT casework.activate_rule_set($1, $2, $3)")

    static let loadDraft = Statement(name: "casework_load_rule_draft", "SELECT casework.load_rule_draft($1, $2, $3)")
    static let draftByID = Statement(
        name: "casework_rule_draft_by_id",
        "SELECT id, name, yaml, loaded_at, loaded_by, version FROM casework.rule_draft_by_id($1)")
    static let drafts = Statement(
        name: "casework_rule_drafts", "SELECT id, name, loaded_at, loaded_by, version FROM casework.rule_drafts($1)")
    static let activateDraft = Statement(
        name: "casework_activate_rule_draft", "SELECT casework.activate_rule_draft($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        activeSet, setByVersion, activateSet, loadDraft, draftByID, drafts, activateDraft,
    ]
}
