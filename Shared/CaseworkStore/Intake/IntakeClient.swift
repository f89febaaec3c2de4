public import Casework
public import FoundationEssentials
import PostgresClient

/// Who may send requests for help: a hotline desk, the online form, a grid workers' app, a partner.
public struct IntakeClient: Sendable, Equatable {
    public let id: UUID
    public let name: String
    public let channels: [IntakeChannel]
    /// This division and everything inside it.
    public let divisionScope: DivisionCode
    public let requestsPerMinute: Int
    public let mayReadCases: Bool
    /// May record what staff do on cases of its scope.
    public let mayChangeCases: Bool

    public init(
        id: UUID, name: String, channels: [IntakeChannel], divisionScope: DivisionCode, requestsPerMinute: Int,
        mayReadCases: Bool, mayChangeCases: Bool = false
    ) {
        self.id = id
        self.name = name
        self.channels = channels
        self.divisionScope = divisionScope
        self.requestsPerMinute = requestsPerMinute
        self.mayReadCases = mayReadCases
        self.mayChangeCases = mayChangeCases
    }

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.name = try row.decode(column: "name")
        self.channels = try row.words(column: "channels")
        self.divisionScope = try row.word(column: "division_scope")
        self.requestsPerMinute = Int(try row.decode(Int32.self, column: "requests_per_minute"))
        self.mayReadCases = try row.decode(column: "may_read_cases")
        self.mayChangeCases = try row.decode(column: "may_change_cases")
    }
}

/// A client as an operator sets it up. Of the key only the SHA-256 is stored.
public struct NewIntakeClient: Sendable {
    public var name: String
    public var keyHash: [UInt8]
    public var channels: [IntakeChannel]
    public var divisionScope: DivisionCode
    public var requestsPerMinute: Int
    public var mayReadCases: Bool
    public var mayChangeCases: Bool

    public init(
        name: String, keyHash: [UInt8], channels: [IntakeChannel], divisionScope: DivisionCode,
        requestsPerMinute: Int = 600, mayReadCases: Bool = false, mayChangeCases: Bool = false
    ) {
        self.name = name
        self.keyHash = keyHash
        self.channels = channels
        self.divisionScope = divisionScope
        self.requestsPerMinute = requestsPerMinute
        self.mayReadCases = mayReadCases
        self.mayChangeCases = mayChangeCases
    }
}
