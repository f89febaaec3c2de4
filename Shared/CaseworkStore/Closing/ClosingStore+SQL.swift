package import PostgresClient

extension ClosingStore {
    static let recordCallBack = Statement(
        name: "casework_record_call_back", "SELECT casework.record_call_back($1, $2, $3, $4, $5, $6)")
    static let callBacksOf = Statement(
        name: "casework_call_backs_of",
        "SELECT result, satisfaction::integer AS satisfaction, staff_id, called_at FROM casework.call_backs_of($1)")
    static let caseToClose = Statement(
        name: "casework_case_to_close",
        """
        SELECT case_id, risk, is_safe, referrals, settled_at, opened_at FROM casework.case_to_close($1, $2, $3)
        """)
    static let askToClose = Statement(
        name: "casework_ask_to_close", "SELECT casework.ask_to_close($1, $2, $3, $4)")
    static let closingOf = Statement(
        name: "casework_closing_of", "SELECT outcome, settled_at FROM casework.closing_of($1)")
    static let referralToChange = Statement(
        name: "casework_referral_to_change",
        "SELECT case_id, referral_id, status FROM casework.referral_to_change($1, $2, $3, $4)")
    static let changeReferral = Statement(
        name: "casework_change_referral", "SELECT casework.change_referral($1, $2, $3, $4, $5)")
    static let recordMilestone = Statement(
        name: "casework_record_milestone",
        "SELECT casework.record_milestone($1, $2, $3, $4, $5::text::date, $6::text::date)")
    static let takeMilestones = Statement(
        name: "casework_take_milestones",
        "SELECT kind, reached_on::text AS reached_on, until::text AS until FROM casework.take_milestones($1)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        recordCallBack, callBacksOf, caseToClose, askToClose, closingOf, referralToChange, changeReferral,
        recordMilestone, takeMilestones,
    ]
}
