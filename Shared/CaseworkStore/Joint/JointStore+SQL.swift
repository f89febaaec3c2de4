package import PostgresClient

extension JointStore {
    static let joinAgency = Statement(name: "casework_join_agency", "SELECT casework.join_agency($1, $2, $3, $4)")
    static let leaveJoint = Statement(name: "casework_leave_joint", "SELECT casework.leave_joint($1, $2, $3, $4)")
    static let endLostParts = Statement(name: "casework_end_lost_parts", "SELECT casework.end_lost_parts($1)")
    static let giveTask = Statement(
        name: "casework_give_task", "SELECT casework.give_task($1, $2, $3, $4, $5, $6, $7)")
    static let settleTask = Statement(
        name: "casework_settle_task", "SELECT casework.settle_task($1, $2, $3, $4, $5)")
    static let agencyTasks = Statement(
        name: "casework_agency_tasks", "SELECT id, kind, due_at, referral_number FROM casework.agency_tasks($1)")
    static let finishAgencyTask = Statement(
        name: "casework_finish_agency_task", "SELECT casework.finish_agency_task($1, $2)")
    static let holdConference = Statement(
        name: "casework_hold_conference", "SELECT casework.hold_conference($1, $2, $3, $4, $5, $6, $7)")
    static let readMinutes = Statement(
        name: "casework_read_minutes", "SELECT casework.read_minutes($1, $2, $3, $4)")
    static let jointBoard = Statement(
        name: "casework_joint_board", "SELECT parties, tasks, conferences, assignees FROM casework.joint_board($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        joinAgency, leaveJoint, endLostParts, giveTask, settleTask, agencyTasks, finishAgencyTask, holdConference,
        readMinutes, jointBoard,
    ]
}
