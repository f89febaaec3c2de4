/// What a case is about. A case has one or more.
public struct Category: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// 家庭暴力: raises the violence flag.
    public static let domesticViolence: Self = "domestic_violence"
    /// 家庭矛盾
    public static let familyConflict: Self = "family_conflict"
    /// 侵害未成年人
    public static let minorHarm: Self = "minor_harm"
    /// 性侵害、性骚扰
    public static let sexualHarm: Self = "sexual_harm"
    /// 跟踪骚扰
    public static let harassment: Self = "harassment"
    /// 离家出走
    public static let runaway: Self = "runaway"
    /// 拐卖
    public static let trafficking: Self = "trafficking"
    /// 受伤、重病
    public static let injury: Self = "injury"
    /// 离婚
    public static let divorce: Self = "divorce"
    /// 抚养、赡养、扶养
    public static let supportMaintenance: Self = "support_maintenance"
    /// 财产、继承
    public static let property: Self = "property"
    /// 农村妇女土地及集体成员权益
    public static let collectiveRights: Self = "collective_rights"
    /// 劳动权益
    public static let labour: Self = "labour"
    /// 信访
    public static let petition: Self = "petition"
    /// 生活困难
    public static let livelihood: Self = "livelihood"
    /// 残疾
    public static let disability: Self = "disability"
    /// 遗弃
    public static let abandonment: Self = "abandonment"
    /// 侵害妇女权益，损害社会公共利益
    public static let publicInterest: Self = "public_interest"
    /// 法律政策咨询
    public static let advice: Self = "advice"
    /// 其他
    public static let other: Self = "other"

    /// The categories a request may name.
    public static let known: [Self] = [
        .domesticViolence, .familyConflict, .minorHarm, .sexualHarm, .harassment, .runaway, .trafficking, .injury,
        .divorce, .supportMaintenance, .property, .collectiveRights, .labour, .petition, .livelihood, .disability,
        .abandonment, .publicInterest, .advice, .other,
    ]

    /// The least risk level a case of this category has, whatever the screening says.
    ///
    /// Domestic violence and harm to minors are P1 and advice is P3 in the network's service ladder.
    public var riskFloor: RiskLevel {
        switch self {
        case .domesticViolence, .minorHarm, .sexualHarm, .trafficking: .high
        case .advice: .low
        default: .medium
        }
    }
}
