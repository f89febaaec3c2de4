package import PostgresClient

extension GatewayDoorStore {
    static let leaseHandOvers = Statement(
        name: "gateway_lease",
        """
        SELECT lease, expires_at, attempt, referral_id, number, purpose, legal_basis, tier, answer_due_at, disclosure,
            refused
        FROM gateway.lease($1, $2, $3, $4)
        """)
    static let packages = Statement(
        name: "gateway_read_packages",
        "SELECT disclosure, profile, fields, sealed, checkpoint FROM gateway.read_packages($1, $2)")
    static let answerHandOver = Statement(
        name: "gateway_answer", "SELECT result, status, reason_code FROM gateway.answer($1, $2, $3, $4, $5, $6, $7)")
    static let extendLease = Statement(
        name: "gateway_extend", "SELECT result, expires_at FROM gateway.extend($1, $2, $3, $4)")
    static let handBack = Statement(name: "gateway_hand_back", "SELECT gateway.hand_back($1, $2, $3, $4, $5)")
    static let reportReferral = Statement(
        name: "gateway_report", "SELECT result, status, outcome_code FROM gateway.report($1, $2, $3, $4)")

    static let deskLease = Statement(
        name: "gateway_desk_lease",
        """
        SELECT lease, expires_at, attempt, number, purpose, legal_basis, tier, answer_due_at, refused
        FROM gateway.desk_lease($1, $2, $3, $4)
        """)
    static let deskRequestPackage = Statement(
        name: "gateway_desk_request_package",
        "SELECT result, disclosure FROM gateway.desk_request_package($1, $2, $3, $4, $5, $6)")
    static let deskAnswer = Statement(
        name: "gateway_desk_answer",
        "SELECT result, status, reason_code FROM gateway.desk_answer($1, $2, $3, $4, $5, $6, $7, $8)")
    static let deskReport = Statement(
        name: "gateway_desk_report",
        "SELECT result, status, outcome_code FROM gateway.desk_report($1, $2, $3, $4, $5)")
    static let deskActs = Statement(
        name: "gateway_desk_acts", "SELECT act, staff_id, reason, acted_at FROM gateway.desk_acts($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        leaseHandOvers, packages, answerHandOver, extendLease, handBack, reportReferral, takeKey, keepAnswer,
        forgetKeys,
        deskLease, deskRequestPackage, deskAnswer, deskReport, deskActs, deskTexts, networkKey,
        answerWithText, reportWithText, deskAnswerWithText, deskReportWithText, leaseEach, packagesEach, acceptEach,
        advanceLanes,
    ]
}
