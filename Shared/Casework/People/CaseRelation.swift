/// How two cases belong together, as somebody found out; no machine says so.
public enum CaseRelation: String, Sendable, Codable, CaseIterable {
    /// 同一人
    case samePerson = "same_person"
    /// 同一家庭
    case sameHousehold = "same_household"
    /// 有关联
    case related
    /// 不是同一人: an equal number or name misled.
    case different
}
