import ArgumentParser
import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// What a command that does something on a case needs: the case, and who answers for it.
struct ActingOptions: ParsableArguments {
    @Argument(help: "The case's number.")
    var number: String
    @Option(help: ArgumentHelp("The member of staff who answers for it.", valueName: "staff"))
    var by: String

    var actor: CaseActor {
        get throws(CommandFailure) {
            let staff = StaffID(rawValue: self.by)
            guard staff.isWellFormed else {
                throw CommandFailure(
                    .badData, "'\(self.by.printable)' is no id of a member of staff; see `dandelion staff list`")
            }
            return CaseActor(staff)
        }
    }

    var caseNumber: CaseNumber {
        get throws(CommandFailure) { try CaseArgument.parse(self.number) }
    }
}

/// A case given on the command line.
enum CaseArgument {
    static func parse(_ text: String) throws(CommandFailure) -> CaseNumber {
        guard let number = CaseNumber.parse(text) else {
            throw CommandFailure(.badData, "'\(text.printable)' is no case number such as C-7K2M-0QX9")
        }
        return number
    }
}

extension DatabaseOptions {
    /// Does something on a case in one transaction, and has routing look at the case in the same one.
    func act<Value: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (PostgresTransaction) async throws -> (UUID, Value)
    ) async throws -> Value {
        try await self.withPool { pool in
            // The bell rings by itself for whoever runs it; a command that ends leaves it to the workers' polls.
            let jobs = JobStore(bell: JobBell(pool: pool, logger: .quiet))
            do {
                return try await pool.withTransaction(name) { transaction in
                    let (caseID, value) = try await body(transaction)
                    try jobs.post(
                        JobRequest(CaseChanged(caseID: caseID), queue: Queues.routing, priority: 1), in: transaction)
                    return value
                }
            } catch let error as PostgresError {
                throw CaseworkError(error) ?? error
            }
        }
    }
}

extension CommandFailure {
    /// What the database refused of what was to be done on a case, in words that say what to do.
    init?(refusing error: CaseworkError) {
        let reason: String? =
            switch error.code {
            case .unknownCase: "there is no such case, or no such clock of it; see `dandelion case list`"
            case .unknownStaff: "there is no such member of staff at work; see `dandelion staff list`"
            case .staffMayNot:
                "another role is needed, or somebody who serves the case's division; see `dandelion staff list`"
            case .relatedToParty: "somebody related to a party of the case does not handle it; name another"
            case .caseClosed: "the case is closed; nothing was changed"
            case .unknownConsent: "there is no consent of that kind to take back; see `dandelion consent list`"
            case .unknownAgency: "there is no such agency, or it is of another kind; see `dandelion agency list`"
            case .clockChanged: "the clock has changed meanwhile; look at `dandelion clocks list` and try again"
            case .openCaseWithoutClock: "it would leave the case without a running clock; nothing was changed"
            default: nil
            }
        guard let reason else { return nil }
        self.init(.badData, reason)
    }
}
