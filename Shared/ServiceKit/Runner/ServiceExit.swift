import Migrations
import PostgresClient
import ServiceLifecycle

/// Why a process ends, in one line, with the exit code that says it to scripts. A service may throw it from `build` or
/// from `run()`.
public struct ServiceExit: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the process exits with.
    public let code: ExitCode
    /// What is the matter and what to do; one line, no personal data.
    public let reason: String

    /// A reason to end.
    public init(_ code: ExitCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { self.reason }

    /// The exit that an error amounts to.
    /// - Parameter duringStart: before any personal data was touched, when every error may be described in full.
    init(for error: any Error, duringStart: Bool) {
        switch error {
        case let exit as ServiceExit:
            self = exit
        case let error as ConfigurationError:
            self.init(.configuration, error.description)
        case let error as MigrationError where error.code == .schemaMissing || error.code == .schemaTooOld:
            self.init(.tryAgainLater, error.description)
        case let error as MigrationError:
            self.init(.configuration, error.description)
        case let error as PostgresError where error.code == .misuse && duringStart:
            self.init(.configuration, "DANDELION_DATABASE cannot be used (\(error.detail ?? "no detail")); correct it")
        case let error as PostgresError where error.code == .misuse:
            self.init(.internalError, error.description)
        case let error as PostgresError:
            self.init(.unavailable, "the database failed: \(error); see DANDELION_DATABASE")
        case is ServiceGroupError:
            self.init(.internalError, "a part of the service ended without being asked")
        default:
            let text = duringStart ? "\(error)" : SafeDiagnosis.of(error)
            self.init(.internalError, text.split(whereSeparator: \.isNewline).joined(separator: " "))
        }
    }
}
