/// What a door answers. A refusal is a result and not an exception, in every door the same.
public enum DoorResult: String, Sendable, CaseIterable {
    /// What was asked for is so now, perhaps since an earlier call that was not heard of.
    case done
    /// The agency has no such referral or lease. It may exist, and be another's.
    case notYours = "not_yours"
    /// The lease is over.
    case leaseLost = "lease_lost"
    /// The referral was answered or withdrawn, or is not in a state that allows this.
    case referralState = "referral_state"
    /// The time in which an agency may object is over.
    case objectionTooLate = "objection_too_late"
    /// A reason, status or outcome that is none.
    case unknownWord = "unknown_word"
    /// There is nothing to disclose, or it is no longer allowed.
    case noPackage = "no_package"
    /// What came as text is not sealed as texts are: clear, too long, or with an attachment that is none.
    case badText = "bad_text"
    /// It is sealed to a key that is not the network's, or no longer.
    case unknownKey = "unknown_key"
    /// Of this referral there is as much text as may be kept.
    case textQuota = "text_quota"
}
