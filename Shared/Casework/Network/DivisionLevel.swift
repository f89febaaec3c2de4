/// The five levels of the network, from the widest to the nearest.
public enum DivisionLevel: String, Sendable, Codable, CaseIterable, Comparable {
    /// 自治区
    case region
    /// 盟、设区的市
    case league
    /// 旗县（市、区）
    case county
    /// 苏木乡镇（街道）
    case township
    /// 嘎查村（社区）
    case village

    /// 0 for the region, 4 for a village.
    public var depth: Int {
        switch self {
        case .region: 0
        case .league: 1
        case .county: 2
        case .township: 3
        case .village: 4
        }
    }

    /// The next wider level; `nil` above the region.
    public var wider: DivisionLevel? {
        switch self {
        case .region: nil
        case .league: .region
        case .county: .league
        case .township: .county
        case .village: .township
        }
    }

    /// A wider level is less than a nearer one: `.region < .county`.
    public static func < (left: Self, right: Self) -> Bool {
        left.depth < right.depth
    }
}
