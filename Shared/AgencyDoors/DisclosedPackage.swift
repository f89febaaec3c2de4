/// A package as an agency is shown it: sealed to its key, and what of it may be named.
public struct DisclosedPackage: Sendable, Equatable {
    /// The disclosure profile.
    public let profile: String
    /// The fields that the profile let through.
    public let fields: [String]
    /// HPKE ciphertext (RFC 9180) that only the agency's private key opens.
    public let sealed: [UInt8]
}
