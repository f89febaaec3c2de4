import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import ServiceKit

/// What an agency has to do in joint handling: its own tasks and nothing else of the board.
struct JointTasks: Sendable {
    let pool: PostgresPool
    private let store = JointStore()

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Its open tasks, soonest first.
    func list(of agency: Agency) async throws -> [TaskAnswer] {
        try await self.store.tasks(of: agency.id, on: self.pool).map(TaskAnswer.init)
    }

    /// One of its tasks is done. A repeat is no error: the first answer may have been lost on its way.
    /// - Throws: `HTTPProblem` 404 for a task that is not its own.
    func finish(_ text: String?, of agency: Agency) async throws -> TaskStateAnswer {
        guard let task = text.flatMap(UUID.init(uuidString:)) else { throw HTTPProblem.notYours }
        do {
            try await self.pool.withTransaction("finish_task") { transaction in
                _ = try await self.store.finish(task, by: agency.id, in: transaction)
            }
        } catch let error as CaseworkError where error.code == .notThisAgencys {
            throw HTTPProblem.notYours
        } catch let error as CaseworkError where error.code == .alreadySo {
            return TaskStateAnswer(id: task.uuidString.lowercased(), status: JointTask.Status.done.rawValue)
        }
        return TaskStateAnswer(id: task.uuidString.lowercased(), status: JointTask.Status.done.rawValue)
    }
}

/// One item of `GET /v1/tasks`.
struct TaskAnswer: Encodable, Sendable {
    let id: String
    let kind: String
    let dueAt: Date
    /// The agency's own referral of the case.
    let referral: String?

    init(_ task: AgencyTask) {
        self.id = task.id.uuidString.lowercased()
        self.kind = task.kind.rawValue
        self.dueAt = task.dueAt
        self.referral = task.referral?.rawValue
    }
}

/// `GET /v1/tasks`.
struct TasksAnswer: Encodable, Sendable {
    let tasks: [TaskAnswer]
}

/// `POST /v1/tasks/{task}/done`.
struct TaskStateAnswer: Encodable, Sendable {
    let id: String
    let status: String
}
