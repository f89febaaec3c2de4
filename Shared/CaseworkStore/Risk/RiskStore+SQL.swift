package import PostgresClient

extension RiskStore {
    static let riskToChange = Statement(
        name: "casework_risk_to_change",
        """
        SELECT case_id, level, items, categories, assessed_at, proposed_level, withdrawn, reason, proposed_by,
            proposed_at, now
        FROM casework.risk_to_change($1, $2, $3)
        """)
    static let recordAssessment = Statement(
        name: "casework_record_assessment", "SELECT casework.record_assessment($1, $2, $3, $4, $5, $6, $7)")
    static let proposeRisk = Statement(
        name: "casework_propose_risk", "SELECT casework.propose_risk($1, $2, $3, $4, $5, $6, $7)")
    static let lowerRisk = Statement(
        name: "casework_lower_risk", "SELECT casework.lower_risk($1, $2, $3, $4, $5)")
    static let addTriage = Statement(
        name: "casework_add_triage", "SELECT casework.add_triage($1, $2, $3)")
    static let readTriage = Statement(
        name: "casework_read_triage",
        "SELECT id, subject, manner, words, answer, answered_at FROM casework.read_triage($1, $2, $3)")
    static let answerTriage = Statement(
        name: "casework_answer_triage", "SELECT casework.answer_triage($1, $2, $3, $4, $5)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        riskToChange, recordAssessment, proposeRisk, lowerRisk, addTriage, readTriage, answerTriage,
    ]
}
