public import Casework
import FoundationEssentials
public import PostgresClient

/// The network's divisions, each with its station.
public struct DivisionStore: Sendable {
    public init() {}

    /// The division and everything around it, nearest first; empty for an unknown code.
    public func path(of code: DivisionCode, on executor: some PostgresExecutor) async throws -> [DivisionStep] {
        try await executor.call(Self.pathOf, [code.rawValue]).map(DivisionStep.init(row:))
    }

    /// Makes or updates divisions, in any order, and a station for each. Parents are among them or already there.
    public func `import`(
        _ divisions: [Division], on executor: some PostgresExecutor
    ) async throws -> ImportedDivisions {
        let row = try await executor.callForRow(
            Self.importAll,
            [
                divisions.map(\.code.rawValue), divisions.map(\.name), divisions.map(\.level.rawValue),
                divisions.map { $0.parent?.rawValue ?? "" },
            ])
        let (imported, stations) = try row.decode((Int64, Int64).self)
        return ImportedDivisions(divisions: Int(imported), stations: Int(stations))
    }

    /// Sets the address of the duty desk of the division's station. False when there is no such station.
    public func setStationEmail(
        _ email: String?, division: DivisionCode, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.setEmail, [division.rawValue, email]).decode(Bool.self)
    }
}

/// One step of the way from a division up to the region.
public struct DivisionStep: Sendable, Equatable {
    public let division: Division
    /// Its station; `nil` while it has none.
    public let station: Station?

    init(row: PostgresRow) throws {
        let division = Division(
            code: try row.word(column: "code"), name: try row.decode(column: "name"),
            level: try row.word(column: "level"), parent: try row.optionalWord(column: "parent_code"))
        self.division = division
        let id: UUID? = try row.decode(column: "station_id")
        let name: String? = try row.decode(column: "station_name")
        self.station =
            if let id, let name {
                Station(id: id, division: division.code, name: name, level: division.level)
            } else {
                nil
            }
    }
}

/// How many rows an import wrote.
public struct ImportedDivisions: Sendable, Equatable {
    public let divisions: Int
    public let stations: Int
}
