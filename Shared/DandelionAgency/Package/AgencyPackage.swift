import Crypto
public import FoundationEssentials

/// An opened package: what was disclosed to the agency. What was not disclosed is absent.
///
/// It holds personal data. Its description does not, so that it may be logged by mistake.
public struct AgencyPackage: Codable, Sendable, CustomStringConvertible, CustomReflectable {
    /// A person of the case.
    public struct Person: Codable, Sendable, CustomStringConvertible, CustomReflectable {
        /// Such as `help_seeker` or `respondent`.
        public let role: String
        /// As she gave it.
        public let name: String?
        /// Only to be used within the contact rule.
        public let phone: String?
        /// Only to be used within the contact rule.
        public let email: String?
        /// `yyyy-mm-dd`.
        public let birthDate: String?
        /// A code.
        public let sex: String?
        /// Legal capacity, as a code.
        public let capacity: String?
        /// Whether the person is under 18.
        public let isMinor: Bool?
        /// How she may be reached without danger. Whoever calls outside of it endangers her.
        public let contactRule: ContactRule?

        /// The role only.
        public var description: String { "Person(\(self.role))" }

        /// Shows nothing to debuggers and dumps.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// When and how a person may be reached.
    public struct ContactRule: Codable, Sendable, Equatable {
        /// `phone`, `sms`, `email` or `none`.
        public let channel: String
        /// 1 (Monday) to 7.
        public let days: [Int]
        /// `HH:mm` in Asia/Shanghai.
        public let from: String
        /// `HH:mm`; not after `from` means over midnight.
        public let to: String
        /// The network may not be mentioned to whoever answers.
        public let neverMention: Bool
    }

    /// Of the package, 1 so far.
    public let version: Int
    /// The disclosure profile.
    public let profile: String
    /// The referral it belongs to.
    public let referralNumber: String?
    /// What the agency is asked to do, as a code.
    public let purpose: String?
    /// The provision the referral rests on.
    public let legalBasis: String?
    /// A division code of GB/T 2260.
    public let division: String?
    /// `imminent`, `high`, `medium` or `low`.
    public let risk: String?
    /// What the risk was found by, as codes.
    public let riskItems: [String]?
    /// What the case is about, as codes.
    public let categories: [String]?
    /// What is needed, as codes.
    public let needs: [String]?
    /// What happened, without what the agency may not know.
    public let narrative: String?
    /// Whoever of the case the agency may know of.
    public let people: [Person]

    /// The profile only.
    public var description: String { "AgencyPackage(\(self.profile))" }

    /// Shows nothing to debuggers and dumps.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Opens a package with the agency's private key.
    /// - Throws: `AgencyError.unreadablePackage` when it is of another format, was changed, or was sealed for another
    ///   key, agency, referral or profile.
    public static func open(
        _ package: SealedPackage, privateKey: AgencyPrivateKey
    ) throws(AgencyError) -> AgencyPackage {
        let json = try self.plaintext(of: package, privateKey: privateKey)
        do {
            return try AgencyJSON.decoder.decode(AgencyPackage.self, from: json)
        } catch {
            // The decoder's words may quote the package.
            throw AgencyError(code: .unreadablePackage, detail: "what was sealed is not a package of this version")
        }
    }

    /// The JSON that was sealed, for agencies whose systems read it themselves.
    public static func plaintext(
        of package: SealedPackage, privateKey: AgencyPrivateKey
    ) throws(AgencyError) -> Data {
        let bytes = Array(package.sealed)
        guard package.format == SealedPackage.format, bytes.count >= 1 + 32 + 16, bytes[0] == 1 else {
            throw AgencyError(
                code: .unreadablePackage, detail: "the package has an unknown format: update the client library")
        }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: privateKey.key, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: package.info,
                encapsulatedKey: Data(bytes[1..<33]))
            return try recipient.open(bytes[33...], authenticating: bytes[..<1])
        } catch {
            throw AgencyError(
                code: .unreadablePackage,
                detail: "the package was changed, or was sealed for another key, agency, referral or profile")
        }
    }
}
