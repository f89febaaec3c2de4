import Crypto
public import FoundationEssentials

/// What an agency says in its own words with an answer or a report: sealed here, before it leaves, to the network's key. Whoever carries
/// or keeps it sees ciphertext.
public struct AgencyText: Codable, Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// What a text comes with; it opens for nothing else.
    public enum Occasion: String, Sendable, CaseIterable {
        case accepted, rejected, objected, scheduled, completed, failed
        case inProgress = "in_progress"
        case onHold = "on_hold"
        case noShow = "no_show"
    }

    /// A file of yours that you refer to. Nobody fetches it: a person at the network asks you for it.
    public struct Attachment: Sendable {
        /// SHA-256 of the file.
        public let sha256: [UInt8]
        /// One of the network's list, such as `application/pdf`.
        public let mediaType: String
        /// The file's length.
        public let bytes: Int64
        /// Where it lies, such as a number in your own archive. It is sealed like the text: a path may itself say who somebody is.
        public let location: String

        public init(sha256: [UInt8], mediaType: String, bytes: Int64, location: String) {
            self.sha256 = sha256
            self.mediaType = mediaType
            self.bytes = bytes
            self.location = location
        }

        /// Of a file that is at hand.
        public init(content: some DataProtocol, mediaType: String, location: String) {
            self.init(
                sha256: Array(SHA256.hash(data: content)), mediaType: mediaType, bytes: Int64(content.count),
                location: location)
        }
    }

    private struct Reference: Codable, Sendable, Equatable {
        let sha256: String
        let mediaType: String
        let bytes: Int64
        let location: Data
    }

    /// The network's key it is sealed to.
    public let keyId: String
    /// One version byte (1), 32 bytes of encapsulated key, ciphertext with its tag; nil when there are attachments alone.
    public let sealed: Data?
    private let attachments: [Reference]?

    /// The most that a text has when it is sealed: 8 KiB.
    public static let maximumBytes = 8192
    /// Lengths are rounded up to this, so that they say less.
    private static let step = 256

    /// Seals a text, and where its attachments lie.
    /// - Parameters:
    ///   - text: nil for attachments alone.
    ///   - occasion: what it is to be sent with. It opens for nothing else.
    ///   - referral: the number of the referral it is about.
    ///   - key: as ``AgencyClient/networkKey(verifiedBy:)`` gives it.
    /// - Throws: `AgencyError.invalidRequest` when it is too long or there is nothing to say; `invalidConfiguration` for a key that is none.
    public static func seal(
        _ text: String?, attachments: [Attachment] = [], with occasion: Occasion, about referral: String,
        to key: AgencyNetworkKey
    ) throws(AgencyError) -> AgencyText {
        guard text != nil || !attachments.isEmpty, attachments.count <= 8 else {
            throw AgencyError(code: .invalidRequest, detail: "give a text, or from 1 to 8 attachments, or both")
        }
        let scope = ["dandelion.text.1", referral, key.agencyId.uuidString.lowercased(), occasion.rawValue]
        var sealed: Data?
        if let text {
            sealed = try Self.seal(text, limit: Self.maximumBytes, scope + ["text"], key)
        }
        var references: [Reference] = []
        for attachment in attachments {
            let sha256 = AgencyNetworkKey.hexadecimal(attachment.sha256)
            references.append(
                Reference(
                    sha256: sha256, mediaType: attachment.mediaType, bytes: attachment.bytes,
                    location: try Self.seal(
                        attachment.location, limit: 1024,
                        scope + ["attachment", sha256, attachment.mediaType, String(attachment.bytes)], key)))
        }
        return AgencyText(
            keyId: key.keyId, sealed: sealed, attachments: references.isEmpty ? nil : references)
    }

    private static func seal(
        _ text: String, limit: Int, _ lines: [String], _ key: AgencyNetworkKey
    ) throws(AgencyError) -> Data {
        let overhead = 1 + 32 + 16
        var plain = Array(text.utf8)
        guard plain.count + overhead <= limit else {
            throw AgencyError(
                code: .invalidRequest, detail: "it is too long: sealed, a text has at most 8192 bytes, a location 1024")
        }
        let padded = (plain.count + Self.step - 1) / Self.step * Self.step
        plain += Array(
            repeating: UInt8(ascii: " "), count: min(padded, limit - overhead) - plain.count)
        do {
            var sender = try HPKE.Sender(
                recipientKey: Curve25519.KeyAgreement.PublicKey(rawRepresentation: key.publicKey),
                ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(lines.joined(separator: "\n").utf8))
            let ciphertext = try sender.seal(plain, authenticating: [1])
            return [1] + sender.encapsulatedKey + ciphertext
        } catch {
            throw AgencyError(code: .invalidConfiguration, detail: "the network's key is no X25519 key of 32 bytes")
        }
    }

    /// Lengths only.
    public var description: String {
        "AgencyText(\(self.sealed?.count ?? 0) bytes sealed, \(self.attachments?.count ?? 0) attachments)"
    }

    /// Shows nothing to debuggers and dumps.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The field `text` of the HTTP door, as JSON.
    public func json() throws -> String {
        String(decoding: try AgencyJSON.encoder.encode(self), as: UTF8.self)
    }

    /// The attachments as the SQL door takes them: a JSON list, nil when there are none.
    public func attachmentsJSON() throws -> String? {
        try self.attachments.map { String(decoding: try AgencyJSON.encoder.encode($0), as: UTF8.self) }
    }
}
