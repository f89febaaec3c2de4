/// One question of the danger screening. The items are the network's own wording.
public enum RiskItem: String, Sendable, Codable, CaseIterable {
    /// 正在发生、即将发生的危险
    case immediateDanger = "immediate_danger"
    /// 使用或威胁使用凶器
    case weapon
    /// 已经受伤
    case injury
    /// 扬言杀人
    case threatToKill = "threat_to_kill"
    /// 有人扬言自杀
    case threatOfSuicide = "threat_of_suicide"
    /// 曾被扼颈
    case strangulation
    /// 越来越频繁或严重
    case escalation
    /// 一年内分居或离婚
    case recentSeparation = "recent_separation"
    /// 怀孕或产后
    case pregnancy
    /// 孩子受到伤害
    case childHarmed = "child_harmed"
    /// 跟踪
    case stalking
    /// 非常恐惧
    case fear

    /// Whether this item alone means that somebody may die.
    public var isLethal: Bool {
        switch self {
        case .immediateDanger, .weapon, .threatToKill, .threatOfSuicide, .strangulation: true
        case .injury, .escalation, .recentSeparation, .pregnancy, .childHarmed, .stalking, .fear: false
        }
    }

    /// What a non-lethal item adds to the sum.
    var weight: Int {
        switch self {
        case .injury, .childHarmed, .stalking: 2
        case .escalation, .recentSeparation, .pregnancy, .fear: 1
        case .immediateDanger, .weapon, .threatToKill, .threatOfSuicide, .strangulation: 3
        }
    }
}

/// The answers of a danger screening: which items were answered yes.
///
/// Items can only be added: a later screening that no longer names one does not make the danger go away.
public struct RiskScreening: Hashable, Sendable {
    public private(set) var items: Set<RiskItem>

    public init(_ items: Set<RiskItem> = []) {
        self.items = items
    }

    /// The level the answers give. A lethal item gives at least `high` whatever the sum; violence that is happening,
    /// a weapon, a threat to kill or strangulation gives `imminent`, and so do two lethal items.
    public var level: RiskLevel {
        let lethal = self.items.filter(\.isLethal)
        if lethal.count >= 2 || lethal.contains(where: { $0 != .threatOfSuicide }) {
            return .imminent
        }
        if !lethal.isEmpty {
            return .high
        }
        let sum = self.items.reduce(0) { $0 + $1.weight }
        switch sum {
        case 0: return .low
        case 1: return .medium
        default: return .high
        }
    }

    /// Adds the answers of a later screening.
    public mutating func add(_ later: RiskScreening) {
        self.items.formUnion(later.items)
    }

    /// The level of a case: the screening's, raised to the floor of each category.
    public func level(for categories: some Sequence<Category>) -> RiskLevel {
        categories.reduce(self.level) { $0.raised(to: $1.riskFloor) }
    }
}

extension RiskScreening: Codable {
    /// Reads an array of item names, sorted when written.
    public init(from decoder: any Decoder) throws {
        self.items = Set(try [RiskItem](from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        try self.items.sorted { $0.rawValue < $1.rawValue }.encode(to: encoder)
    }
}
