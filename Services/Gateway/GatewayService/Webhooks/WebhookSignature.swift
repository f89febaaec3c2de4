import Crypto
import FoundationEssentials

/// The signature of the Standard Webhooks specification, version 1: HMAC-SHA256 over id, timestamp and body.
enum WebhookSignature {
    /// The three headers of a delivery.
    /// - Parameters:
    ///   - id: the same for each attempt of one delivery, so that the endpoint can drop repeats.
    ///   - timestamp: of this attempt; endpoints refuse old ones.
    ///   - secrets: each signs. Of several, an endpoint needs to know one: so it changes over without a pause.
    static func headers(
        id: String, timestamp: Date, body: [UInt8], secrets: [[UInt8]]
    ) -> [(name: String, value: String)] {
        let seconds = String(Int64(timestamp.timeIntervalSince1970))
        var signed = Array("\(id).\(seconds).".utf8)
        signed += body
        let codes = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
            return "v1," + Data(code).base64EncodedString()
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", codes.joined(separator: " ")),
        ]
    }
}
