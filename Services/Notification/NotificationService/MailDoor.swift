import JobQueue
import JobWorker
import Mail

/// The way mail goes out: the SMTP client's, or a test's.
typealias SendMail = @Sendable (OutgoingMail) async -> MailOutcome

/// What an attempt to send means for the job.
///
/// A mail that the server took over cannot be taken back, and the record of it commits a moment later: whoever dies in
/// between has the mail sent again. We choose that over losing it, for staff and for people alike. The repeat has the
/// same Message-ID, made from the notice's or message's id, so that mailboxes fold the two into one; and what a person
/// receives is the same neutral text, sent again only if her rules allow it then.
enum Delivery: Equatable {
    case accepted
    /// Trying again is pointless. The reason is a code.
    case refused(reason: String)
    /// It may work later. The reason is a code.
    case later(reason: String)

    init(_ outcome: MailOutcome) throws {
        switch outcome {
        case .accepted:
            self = .accepted
        case .permanentFailure(let failure):
            self = .refused(reason: "mail_\(failure.reason.rawValue)")
        case .transientFailure(let failure) where failure.reason == .cancelled:
            throw CancellationError()
        case .transientFailure(let failure):
            self = .later(reason: "mail_\(failure.reason.rawValue)")
        }
    }
}

extension JobContext {
    /// Whether the job is given up if this attempt fails.
    var isLastAttempt: Bool { self.job.attempt >= self.job.maximumAttempts }
}
