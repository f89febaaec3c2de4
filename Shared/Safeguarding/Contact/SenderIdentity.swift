/// All that shows whom a message is from, whatever the text says: addresses with their domains, the signature that
/// carriers put before a text message, link hosts. It counts as neutral when the deny-list finds nothing in any of it.
public struct SenderIdentity: Sendable, Hashable {
    /// What shows, by the name of the place it shows in: `From`, `Return-Path`, `DKIM`, `signature`.
    public let parts: [String: String]
    /// For how long the provider may hold a message back when it cannot be told how long; nil when it can be.
    public let holds: Duration?

    /// The name of a part that gives away who writes, if there is one.
    public let tellingPart: String?

    public init(parts: [String: String], holds: Duration? = nil) {
        self.parts = parts
        self.holds = holds
        self.tellingPart =
            parts.sorted { $0.key < $1.key }.first { _, text in
                // An address is one by its form; what matters is whether its words mean anything.
                text.split(whereSeparator: { $0 == "@" }).contains {
                    DenyList.helpSeeker.firstHit(in: String($0)) != nil
                }
            }?.key
    }

    /// Of mail: the sender's address is `From`, `Return-Path` and, by its domain, `Message-ID` and `DKIM`.
    public static func mail(address: String, dkimDomain: String? = nil, returnPath: String? = nil) -> SenderIdentity {
        var parts = ["From": address, "Return-Path": returnPath ?? address]
        parts["DKIM"] = dkimDomain
        return SenderIdentity(parts: parts)
    }
}

/// The words of one message for one channel.
public struct MessageText: Sendable, Hashable {
    /// Empty on channels that have none.
    public let subject: String
    public let text: String

    public init(subject: String = "", text: String) {
        self.subject = subject
        self.text = text
    }
}
