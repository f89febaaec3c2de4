import ArgumentParser
import AsyncHTTPClient
import Casework
import CaseworkStore
import JobQueue
import Ledger
import Migrations
import PostgresClient
import Safeguarding
import ServiceKit

/// What a command exits with, after sysexits(3).
enum ExitStatus: Int32, Sendable {
    case success = 0
    /// A check failed, or a difference was found: the command itself worked.
    case difference = 1
    case usage = 64
    case badData = 65
    case unavailable = 69
    case internalError = 70
    case tryAgainLater = 75
    case configuration = 78
}

/// Why a command ends without success: what is the matter and what to do. A list of problems has one line for each.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let status: ExitStatus
    let reason: String

    var description: String { self.reason }

    init(_ status: ExitStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// What an error amounts to.
    init(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error
        case let error as ConfigurationError: self.init(.configuration, error.description)
        case let error as KeyFileError: self.init(.configuration, error.description)
        case let error as LedgerError: self = LedgerCommand.failure(error)
        case let error as MigrationError where error.code == .schemaMissing || error.code == .schemaTooOld:
            self.init(.tryAgainLater, error.description)
        case let error as MigrationError: self.init(.configuration, error.description)
        case let error as RuleSetError: self.init(.badData, error.description)
        case let error as DataFileError: self.init(.badData, error.description)
        case let error as JobQueueError: self.init(.badData, error.description)
        case let error as PostgresError: self.init(database: error)
        case let error as CaseworkError: self.init(.badData, error.description)
        case is HTTPClientError: self.init(.unavailable, "the service does not answer (\(error)); see whether it runs")
        default: self.init(.internalError, "an unexpected error: \(SafeDiagnosis.of(error))")
        }
    }

    private init(database error: PostgresError) {
        switch error.sqlState {
        case "DQ001", "DQ002", "DQ003", "DQ004":
            self.init(.badData, "there is no such job in a state that allows this; see `dandelion jobs list`")
        case "42501":
            self.init(
                .configuration,
                "this login lacks the right (\(error.statement ?? "unnamed")); use a member of dandelion_operator")
        case "42P01", "42883", "3F000":
            self.init(.tryAgainLater, "the database has no schema, or an older one; run `dandelion migrate`")
        case "23503" where error.constraint?.contains("division") == true:
            self.init(.badData, "there is no such division; see `dandelion stations list`")
        case "23503":
            self.init(.badData, "it names something that is not there (\(error.constraint ?? "a reference"))")
        case "23505":
            self.init(.badData, "it is there already (\(error.constraint ?? "a unique value"))")
        case "23514":
            self.init(.badData, "a value is not of the form it must have (\(error.constraint ?? "a check"))")
        default:
            if error.code == .misuse {
                self.init(.configuration, "the database cannot be used (\(error)); correct --database")
            } else if error.isUnavailable {
                self.init(.unavailable, "\(error); start the database, or correct --database or DANDELION_DATABASE")
            } else {
                self.init(.internalError, "\(error)")
            }
        }
    }
}
