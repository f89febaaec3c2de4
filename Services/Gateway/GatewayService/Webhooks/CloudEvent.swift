import FoundationEssentials
import ServiceKit

/// A CloudEvents 1.0 envelope in JSON. It names a referral and nothing more: whoever reads it on its way learns nothing.
struct CloudEvent: Encodable, Sendable {
    struct Reference: Encodable, Sendable {
        let referral: String?
    }

    let specversion = "1.0"
    /// The delivery's id: the same for each attempt.
    let id: String
    let source = "urn:dandelion:gateway"
    /// `dandelion.` and the event, such as `dandelion.referral_offered`.
    let type: String
    /// Left out of a test, which is about nothing.
    let subject: String?
    let time: Date
    let datacontenttype = "application/json"
    let data: Reference

    static let contentType = "application/cloudevents+json; charset=utf-8"

    init(id: UUID, event: String, referralNumber: String?, time: Date) {
        self.id = id.uuidString.lowercased()
        self.type = "dandelion.\(event)"
        self.subject = referralNumber
        self.time = time
        self.data = Reference(referral: referralNumber)
    }

    func encoded() throws -> [UInt8] {
        Array(try JSONConventions.encoder.encode(self))
    }
}
