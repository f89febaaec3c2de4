import Migrations
import PostgresClient

/// What may be said about an error in a log.
public enum SafeDiagnosis {
    /// The description of errors that promise to hold no personal data and no values; for every other error its type
    /// alone, since descriptions of foreign errors quote what they choke on.
    public static func of(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: "\(error)"
        case let error as MigrationError: "\(error)"
        case let error as ConfigurationError: "\(error)"
        case let error as ServiceExit: "\(error)"
        case let error as HTTPProblem: "\(error)"
        case is CancellationError: "cancelled"
        default: String(reflecting: type(of: error))
        }
    }
}
