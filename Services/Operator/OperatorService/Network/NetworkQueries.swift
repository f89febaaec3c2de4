import Casework
import PostgresClient

/// What operators read of the network besides agencies.
enum NetworkQueries {
    static let divisions = Statement(
        name: "operator_divisions", "SELECT code, name, level, parent_code FROM casework.division ORDER BY code")
    static let stations = Statement(
        name: "operator_stations",
        """
        SELECT s.division_code, d.level, s.name, s.email
        FROM casework.station AS s JOIN casework.division AS d ON d.code = s.division_code
        ORDER BY s.division_code
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [divisions, stations, details]

    static let details = Statement(
        name: "operator_agency_details",
        "SELECT code, services, hours, capacity, superior_code FROM casework.agency_details")

    /// What the database knows of agencies beside their names and places, by code.
    static func agencyDetails(on executor: some PostgresExecutor) async throws -> [String: AgencyDetails] {
        var found: [String: AgencyDetails] = [:]
        for row in try await executor.execute(self.details) {
            let (code, services, hours, capacity, superior) = try row.decode(
                (String, [String], String, Int32?, String?).self)
            found[code] = AgencyDetails(
                services: Set(services.map(AgencyServiceCode.init(rawValue:))),
                hours: AgencyHours(rawValue: hours) ?? .workingTime, capacity: capacity.map { Int($0) },
                superior: superior)
        }
        return found
    }

    /// The divisions of the database.
    static func allDivisions(on executor: some PostgresExecutor) async throws -> [Division] {
        try await executor.execute(self.divisions).map { row in
            let (code, name, level, parent) = try row.decode((String, String, String, String?).self)
            guard let code = DivisionCode(code), let level = DivisionLevel(rawValue: level) else {
                throw CommandFailure(.internalError, "the database holds a division this program cannot read")
            }
            return Division(code: code, name: name, level: level, parent: parent.flatMap { DivisionCode($0) })
        }
    }

    /// The divisions of the database as a tree.
    /// - Throws: `CommandFailure` when there are none.
    static func tree(on executor: some PostgresExecutor) async throws -> DivisionTree {
        let divisions = try await self.allDivisions(on: executor)
        guard !divisions.isEmpty else {
            throw CommandFailure(.badData, "no divisions are loaded; run `dandelion divisions import` first")
        }
        return try DivisionTree(divisions)
    }
}

/// What an agency can do, when and how much of it.
struct AgencyDetails: Sendable {
    let services: Set<AgencyServiceCode>
    let hours: AgencyHours
    let capacity: Int?
    let superior: String?
}
