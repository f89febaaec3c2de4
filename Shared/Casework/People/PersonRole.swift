/// What a person is on a case. One person may have several roles over time.
public enum PersonRole: String, Sendable, Codable, CaseIterable {
    /// 求助人
    case helpSeeker = "help_seeker"
    /// 被投诉方、施暴人
    case respondent
    /// 子女、未成年人
    case child
    /// 报告人（邻居、教师、网格员）: kept secret.
    case reporter
    /// 监护人
    case guardian
    /// 证人
    case witness
}

/// 性别
public enum Sex: String, Sendable, Codable, CaseIterable {
    case female
    case male
}

/// 民事行为能力
public enum LegalCapacity: String, Sendable, Codable, CaseIterable {
    /// 完全
    case full
    /// 限制
    case limited
    /// 无
    case none
}

/// A way to reach a person.
public enum ContactChannel: String, Sendable, Codable, CaseIterable {
    case email
    case sms
    case phone
    /// Never contact her: staff decide what happens instead.
    case none
}
