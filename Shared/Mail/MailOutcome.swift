/// What became of a mail.
public enum MailOutcome: Sendable, Hashable {
    /// The server took it over.
    case accepted
    /// The server will never take it: trying again is pointless.
    case permanentFailure(MailFailure)
    /// It may work later. The server may have taken it all the same when the connection broke at the very end; a repeat
    /// has the same Message-ID.
    case transientFailure(MailFailure)
}

/// Why a mail was not taken over. It holds no address, no content and no words of the server.
public struct MailFailure: Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public enum Reason: String, Sendable, Hashable {
        /// The server refused the mail; see the code.
        case refused
        /// The server refused user and password: a fault of the configuration, not of the mail.
        case authentication
        /// The server offers no TLS where it is required, or its certificate is not trusted.
        case tls
        /// The server's name has no address.
        case unknownHost = "unknown_host"
        /// Nobody listens at the address.
        case unreachable
        /// The server did not answer in time.
        case timeout
        /// The connection broke.
        case connectionLost = "connection_lost"
        /// Too many mails wait already.
        case busy
        /// The client was shut down, or the sending task cancelled, before the mail's turn came.
        case cancelled
        /// Its turn did not come in the time it was given: nothing was sent.
        case expired
        /// Anything else the library reports.
        case other
    }

    /// What failed.
    public let reason: Reason
    /// The server's last answer, such as 550, if there was one.
    public let smtpCode: Int?

    /// The whole mail had been handed over when the connection ended: the server may have taken it.
    public let mayHaveArrived: Bool

    public init(reason: Reason, smtpCode: Int? = nil, mayHaveArrived: Bool = false) {
        self.reason = reason
        self.smtpCode = smtpCode
        self.mayHaveArrived = mayHaveArrived
    }

    /// The reason and the code, such as `refused (550)`.
    public var description: String {
        self.smtpCode.map { "\(self.reason.rawValue) (\($0))" } ?? self.reason.rawValue
    }
}
