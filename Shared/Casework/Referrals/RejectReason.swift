/// Why an agency rejects a hand-over or objects to it. Words of its own go back sealed, beside the code.
public enum RejectReason: String, Sendable, Codable, CaseIterable {
    /// 不属于本辖区
    case notOurJurisdiction = "not_our_jurisdiction"
    /// 不属于本部门职责
    case notOurDuty = "not_our_duty"
    /// 不符合条件
    case notEligible = "not_eligible"
    /// 无力承接
    case noCapacity = "no_capacity"
    /// 信息不足
    case insufficientInformation = "insufficient_information"
    /// 利益冲突（与当事人有关系）
    case conflictOfInterest = "conflict_of_interest"
    /// 已在办理
    case alreadyHandled = "already_handled"
    /// 联系不上
    case personUnreachable = "person_unreachable"
    /// 其他
    case other
}
