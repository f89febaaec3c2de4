public import FoundationEssentials
public import JobTypes

/// A signed webhook is to be sent to an agency's endpoint. Queue: `gateway`.
public struct WebhookDelivery: JobArguments, Hashable {
    public static let kind: JobKind = "webhook_delivery"

    public let deliveryID: UUID
    public let version: Version1

    public init(deliveryID: UUID) {
        self.deliveryID = deliveryID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case deliveryID = "delivery_id"
        case version
    }
}
