public import Casework
public import PostgresClient

/// The database logins of agencies that come through the SQL door. For operators.
public struct PartnerLogins: Sendable {
    public init() {}

    /// What became of it.
    public enum Result: String, Sendable {
        case done
        /// No agency has this code.
        case noAgency = "no_agency"
        /// The agency has no registered key: nothing could be sealed to it.
        case noKey = "no_key"
        /// The login is another agency's, or the agency has one of another name.
        case taken
        /// The agency has no login.
        case noLogin = "no_login"
        /// Not a login's name, or not a verifier.
        case unknownWord = "unknown_word"
    }

    /// Makes the agency's login, or gives the one it has a new password. The password itself never reaches the server.
    public func create(
        _ login: String, for agencyCode: String, verifier: SCRAMVerifier, on executor: some PostgresExecutor
    ) async throws -> Result {
        try await Self.run(Self.createLogin, agencyCode, login, verifier.text, on: executor)
    }

    /// Closes the agency's login: no new sessions, and those there are are ended.
    public func close(_ agencyCode: String, on executor: some PostgresExecutor) async throws -> Result {
        try await Self.run(Self.closeLogin, agencyCode, on: executor)
    }

    /// The days that are not as their weekday says, by which objections at the SQL door are timed; all of them anew.
    public func put(_ calendar: HolidayCalendar, on executor: some PostgresExecutor) async throws {
        try await executor.execute(
            Self.putSpecialDays, calendar.holidays.map(\.description), calendar.workingWeekends.map(\.description))
    }

    /// The login's name for an agency: `agency_` and its code with underscores.
    public static func name(for agencyCode: String) -> String {
        "agency_" + agencyCode.replacing("-", with: "_")
    }

    private static func run(
        _ statement: Statement, _ parameters: (any PostgresEncodable)?..., on executor: some PostgresExecutor
    ) async throws -> Result {
        let rows = try await executor.execute(statement, parameters: parameters)
        guard let text = try rows.first?.decode(String.self), let result = Result(rawValue: text) else {
            throw AgencyDoorError(place: statement.name)
        }
        return result
    }
}
