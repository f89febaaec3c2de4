public import FoundationEssentials

/// A Women's Federation station 维权站: every division has one, and every case is owned by one.
public struct Station: Hashable, Sendable, Codable, Identifiable {
    public let id: UUID
    public let division: DivisionCode
    public let name: String
    public let level: DivisionLevel

    public init(id: UUID, division: DivisionCode, name: String, level: DivisionLevel) {
        self.id = id
        self.division = division
        self.name = name
        self.level = level
    }

    /// The name a station gets when the divisions are loaded: 玉泉区妇联维权站.
    public static func defaultName(for division: Division) -> String {
        "\(division.name)妇联维权站"
    }
}
