/// Why a case is kept as it is beyond its time.
public enum LegalHold: String, Sendable, Codable, CaseIterable {
    /// 诉讼未了
    case lawsuit
    /// 刑事案件未了
    case criminalCase = "criminal_case"
    /// 投诉、信访未了
    case complaint
    /// 审计、检查
    case audit
    /// 本人要求保留
    case herWish = "her_wish"
}
