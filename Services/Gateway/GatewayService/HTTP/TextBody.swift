import AgencyDoors
import FoundationEssentials
import Safeguarding
import ServiceKit

/// What an agency says in its own words with an answer or a report: sealed bytes, and attachments by reference. Text in clear is refused
/// with the reason why, and like every field that is not known it is not repeated.
struct TextBody: Decodable {
    static let sealedRange = 49...SealedText.maximumBytes
    static let locationRange = 49...SealedText.maximumLocationBytes
    static let attachmentsRange = 1...SealedText.maximumAttachments
    static let bytesRange = 1...999_999_999_999
    static let mediaTypes = SealedText.mediaTypes

    let sent: SentText

    private struct Fields: Decodable {
        var keyId: String?
        var sealed: String?
        var attachments: [Attachment]?
    }

    private struct Attachment: Decodable {
        var sha256: String?
        var mediaType: String?
        var bytes: Int64?
        var location: String?

        init(from decoder: any Decoder) throws {
            try TextBody.refuseUnknown(in: decoder, but: ["sha256", "mediaType", "bytes", "location"])
            let fields = try decoder.container(keyedBy: AnyKey.self)
            self.sha256 = try fields.decodeIfPresent(String.self, forKey: AnyKey("sha256"))
            self.mediaType = try fields.decodeIfPresent(String.self, forKey: AnyKey("mediaType"))
            self.bytes = try fields.decodeIfPresent(Int64.self, forKey: AnyKey("bytes"))
            self.location = try fields.decodeIfPresent(String.self, forKey: AnyKey("location"))
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(_ name: String) { self.stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// - Throws: `HTTPProblem` 422 for what is no sealed text, with the field at fault.
    init(from decoder: any Decoder) throws {
        let fields: Fields
        do {
            try Self.refuseUnknown(in: decoder, but: ["keyId", "sealed", "attachments"])
            fields = try Fields(from: decoder)
        } catch is DecodingError {
            // A string, most likely: what somebody wrote. The decoder's own words may repeat it.
            throw HTTPProblem.validation([.clearText])
        }
        guard let key = fields.keyId else { throw Self.fault("key_id", "This field is required.") }
        guard Self.isDigest(key) else {
            throw Self.fault("key_id", "This must be the id of the network's key: 64 hexadecimal digits in lower case.")
        }
        guard fields.sealed != nil || fields.attachments != nil else { throw HTTPProblem.validation([.clearText]) }
        let sealed = try fields.sealed.map { try Self.bytes($0, Self.sealedRange, "sealed") }
        if let attachments = fields.attachments, !Self.attachmentsRange.contains(attachments.count) {
            throw Self.fault("attachments", "There must be from 1 to 8 of them.")
        }
        self.sent = SentText(
            keyID: key, sealed: sealed, attachments: try (fields.attachments ?? []).map(Self.attachment))
    }

    private static func attachment(_ attachment: Attachment) throws -> SentText.Attachment {
        guard let sha256 = attachment.sha256, Self.isDigest(sha256) else {
            throw Self.fault("attachments", "`sha256` must be the file's SHA-256: 64 hexadecimal digits in lower case.")
        }
        guard let mediaType = attachment.mediaType, Self.mediaTypes.contains(mediaType) else {
            throw Self.fault(
                "attachments", "`media_type` must be one of: \(Self.mediaTypes.joined(separator: ", ")).")
        }
        guard let bytes = attachment.bytes, Self.bytesRange.contains(Int(bytes)) else {
            throw Self.fault("attachments", "`bytes` must be the file's length.")
        }
        guard let location = attachment.location else {
            throw Self.fault("attachments", "`location` must say where it lies, sealed.")
        }
        let sealed = try Self.bytes(location, Self.locationRange, "attachments")
        return SentText.Attachment(
            sha256: sha256, mediaType: mediaType, bytes: bytes, location: Data(sealed).base64EncodedString())
    }

    private static func bytes(_ text: String, _ range: ClosedRange<Int>, _ field: String) throws -> [UInt8] {
        guard let data = Data(base64Encoded: text) else {
            throw Self.fault(field, "This must be bytes in base64: text in clear is not taken.")
        }
        guard range.contains(data.count), data.first == 1 else {
            throw Self.fault(
                field,
                "This must be \(range.lowerBound) to \(range.upperBound) bytes sealed as packages are, version byte 1 first."
            )
        }
        return [UInt8](data)
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    private static func fault(_ field: String, _ message: String) -> HTTPProblem {
        HTTPProblem.validation([FieldError(field: "/text/\(field)", code: "invalid_value", message: message)])
    }

    /// The name of a field that is not known may be what somebody wrote, so it is not given back.
    private static func refuseUnknown(in decoder: any Decoder, but known: Set<String>) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        guard names.allSatisfy(known.contains) else {
            throw HTTPProblem.validation([
                FieldError(
                    field: "/text", code: "unknown_field",
                    message: "A field in it is not known here. A text is key_id, sealed and attachments.")
            ])
        }
    }
}

extension FieldError {
    /// Why text in clear is refused.
    static let clearText = FieldError(
        field: "/text", code: "clear_text",
        message: """
            Text is not taken in clear: it would lie readable in bodies, logs and backups. Seal it to the network's key \
            (GET /v1/network-key) and send an object of `key_id`, `sealed` and perhaps `attachments`.
            """)
}

/// `GET /v1/network-key`.
struct NetworkKeyAnswer: Encodable, Sendable {
    let keyId: String
    let algorithm = "x25519"
    /// Base64.
    let publicKey: String
    let validFrom: Date
    /// Base64.
    let signature: String
    /// The agency's own id, which is sealed in.
    let agencyId: String

    init(_ key: CurrentNetworkKey, agency: UUID) {
        self.keyId = key.id
        self.publicKey = Data(key.publicKey).base64EncodedString()
        self.validFrom = key.validFrom
        self.signature = Data(key.signature).base64EncodedString()
        self.agencyId = agency.uuidString.lowercased()
    }
}
