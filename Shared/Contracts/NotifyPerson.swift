public import FoundationEssentials
public import JobTypes

/// A message to a person is to be sent, if her safe-contact rules allow it then. Queue: `notification`.
public struct NotifyPerson: JobArguments, Hashable {
    public static let kind: JobKind = "notify_person"

    public let messageID: UUID
    public let version: Version1

    public init(messageID: UUID) {
        self.messageID = messageID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case messageID = "message_id"
        case version
    }
}
