public import FoundationEssentials

/// Something an agency wrote, sealed to the network's key for one answer to one referral: the text itself, or where an attachment
/// lies. It opens only for what it was sealed for, so that it cannot be moved to another referral, agency or answer.
///
/// The wire format is the package's (`SealedPackage`). `info` is these lines, joined by one line feed (0x0A) and without one at the
/// end: `dandelion.text.1`, the referral's number, the agency's id in lower case, the status that the answer or report leads to
/// (`accepted`, `in_progress`, …), and `text`; or in the place of the last `attachment`, the file's SHA-256 in hexadecimal, its media
/// type and its length in bytes. `aad` is the version byte. The plaintext is UTF-8, which may end in spaces and line feeds.
public struct SealedText: Sendable, Hashable {
    /// A file that an agency keeps and refers to.
    public struct Attachment: Sendable, Hashable, Codable {
        /// SHA-256 of the file, hexadecimal.
        public let sha256: String
        public let mediaType: String
        /// The file's length.
        public let bytes: Int64

        public init(sha256: String, mediaType: String, bytes: Int64) {
            self.sha256 = sha256
            self.mediaType = mediaType
            self.bytes = bytes
        }
    }

    /// What a text belongs to.
    public struct Binding: Sendable, Hashable {
        /// The referral's number, such as `R-7K2M-0QX9`.
        public let referral: String
        public let agencyID: UUID
        /// The status that the answer or report leads to.
        public let status: String
        /// `nil` for the text itself.
        public let attachment: Attachment?

        public init(referral: String, agencyID: UUID, status: String, attachment: Attachment? = nil) {
            self.referral = referral
            self.agencyID = agencyID
            self.status = status
            self.attachment = attachment
        }

        var info: Data {
            var lines = ["dandelion.text.1", self.referral, self.agencyID.uuidString.lowercased(), self.status]
            if let attachment {
                lines += ["attachment", attachment.sha256, attachment.mediaType, String(attachment.bytes)]
            } else {
                lines.append("text")
            }
            return Data(lines.joined(separator: "\n").utf8)
        }
    }

    /// The most that a text has when it is sealed.
    public static let maximumBytes = 8192
    /// The most that an attachment's place has when it is sealed.
    public static let maximumLocationBytes = 1024
    /// The most attachments of one answer or report.
    public static let maximumAttachments = 8
    /// What attachments may be.
    public static let mediaTypes = [
        "application/pdf", "application/ofd", "image/jpeg", "image/png", "image/tiff", "audio/mpeg", "audio/mp4",
        "video/mp4", "text/plain",
    ]

    /// The bytes as they are stored. Whether they can be opened is for the holder of the private key to find out.
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Seals as an agency does.
    public static func seal(
        _ text: String, to key: AgencyPublicKey, binding: Binding
    ) throws(SealedPackageError) -> SealedText {
        SealedText(bytes: try Sealing.seal(Array(text.utf8), to: key, info: binding.info))
    }

    /// What was written, without the spaces and line feeds at its end.
    /// - Throws: `SealedPackageError`: for another key, referral, agency or answer; changed; or no text in UTF-8.
    public func open(with keys: AgencyKeyPair, binding: Binding) throws(SealedPackageError) -> String {
        let plain = try Sealing.open(self.bytes, with: keys, info: binding.info)
        guard let text = String(validating: plain, as: UTF8.self) else { throw .malformed }
        return String(text.reversed().drop { $0 == " " || $0.isNewline }.reversed())
    }
}
