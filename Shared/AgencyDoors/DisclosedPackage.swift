/// A package as an agency is shown it: sealed to its key, and what of it may be named.
public struct DisclosedPackage: Sendable, Equatable {
    /// The disclosure profile.
    public let profile: String
    /// The fields that the profile let through.
    public let fields: [String]
    /// HPKE ciphertext (RFC 9180) that only the agency's private key opens.
    public let sealed: [UInt8]
    /// The ledger's latest signed checkpoint (C2SP tlog-checkpoint); `nil` before the first.
    public let checkpoint: String?
}
