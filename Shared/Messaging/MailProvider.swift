public import Casework
import FoundationEssentials
public import Mail
public import Safeguarding

/// Mail over SMTP. DKIM is left to the relay.
///
/// A mail that the server took over cannot be taken back; when the answer was lost the repeat has the same Message-ID, so
/// that mailboxes fold the two into one.
public struct MailProvider: MessageProvider {
    public let name: String
    public let sender: SenderIdentity
    public var channel: ContactChannel { .email }
    public var recognisesRepeats: Bool { true }
    public var connections: Int? { self.client.connections }
    private let client: SMTPClient
    /// Whom desks write to that want no more of what they may do without.
    private let unsubscribe: String?

    public init(name: String, sender: SenderIdentity, client: SMTPClient, unsubscribe: String? = nil) {
        self.name = name
        self.sender = sender
        self.client = client
        self.unsubscribe = unsubscribe
    }

    public func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome {
        try await self.send(permit, template: template, SendingTurn {})
    }

    public func send(
        _ permit: consuming SendingPermit, template: String, _ turn: SendingTurn
    ) async throws -> ProviderOutcome {
        let (id, latest) = (permit.messageID, permit.end)
        let content: MessageContent
        do { content = try permit.redeem() } catch { return .expired }
        let mail: OutgoingMail
        do throws(MailError) {
            mail = try OutgoingMail(
                id: id, to: content.address, subject: content.subject, text: content.text, date: Date(),
                list: self.list(for: content))
        } catch {
            return .refused(reason: "bad_address")
        }
        // The permission holds for the moment at which the mail's turn comes, too.
        return try Self.outcome(
            await self.client.send(
                mail, startingBefore: turn.latest.map { min($0, latest) } ?? latest, timeout: turn.timeout,
                onStart: turn.came))
    }

    /// None for a person: the headers would say that somebody keeps a list.
    private func list(for content: MessageContent) throws(MailError) -> MailingList? {
        guard !content.hidesSender else { return nil }
        return try MailingList(unsubscribe: content.isDispensable ? self.unsubscribe : nil)
    }

    /// What the client says, in the words of messages.
    static func outcome(_ outcome: MailOutcome) throws -> ProviderOutcome {
        switch outcome {
        case .accepted: return .accepted(reference: nil, segments: 0)
        case .permanentFailure(let failure): return .refused(reason: "mail_\(failure.reason.rawValue)")
        case .transientFailure(let failure) where failure.reason == .cancelled: throw CancellationError()
        case .transientFailure(let failure) where failure.reason == .expired: return .expired
        case .transientFailure(let failure) where failure.mayHaveArrived:
            return .unknown(reason: "mail_\(failure.reason.rawValue)")
        case .transientFailure(let failure): return .later(reason: "mail_\(failure.reason.rawValue)")
        }
    }
}
