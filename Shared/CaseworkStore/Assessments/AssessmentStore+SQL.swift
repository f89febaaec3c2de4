package import PostgresClient

extension AssessmentStore {
    static let recordAssessment = Statement(
        name: "casework_record_impact_assessment", "SELECT casework.record_impact_assessment($1)")
    static let assessments = Statement(
        name: "casework_impact_assessments",
        """
        SELECT number, assessment, checksum, recorded_at, recorded_by, kept_until, holds
        FROM casework.impact_assessments($1)
        """)
    static let hold = Statement(
        name: "casework_hold_impact_assessment", "SELECT casework.hold_impact_assessment($1, $2, $3)")
    static let forgetAssessments = Statement(
        name: "casework_forget_impact_assessments", "SELECT casework.forget_impact_assessments($1, $2)")
    static let assess = Statement(
        name: "casework_assess_disclosures",
        "SELECT agency_kind, purpose, profile, fields, assessment, why, lapsed FROM casework.assess_disclosures($1)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [recordAssessment, assessments, hold, forgetAssessments, assess]
}
