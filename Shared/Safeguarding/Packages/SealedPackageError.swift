/// Why a package cannot be sealed or opened. It holds nothing of the package.
public enum SealedPackageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The agency's key is not a usable X25519 key.
    case badKey
    /// Too short, or of a version this software does not know.
    case malformed
    /// Changed on its way, or sealed for another agency, referral, profile or key.
    case notAuthentic

    /// What is wrong.
    public var description: String {
        switch self {
        case .badKey: "the agency key is not an X25519 key of 32 bytes; register the agency's key again"
        case .malformed: "the sealed package has an unknown format"
        case .notAuthentic: "the sealed package was changed or was sealed for another key, agency, referral or profile"
        }
    }
}
