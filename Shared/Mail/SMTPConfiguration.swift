/// Where mail goes and how.
public struct SMTPConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    /// How a connection is protected.
    public enum Security: Sendable, Hashable {
        /// TLS from the first byte: `smtps://`.
        case implicitTLS
        /// STARTTLS, or no mail: `smtp://` with `requiresTLS`.
        case requiredStartTLS
        /// STARTTLS if the server offers it: `smtp://`.
        case opportunisticStartTLS
    }

    let url: String
    let sender: MailAddress
    let user: String?
    let password: String?
    /// How connections are protected.
    public let security: Security
    /// A file with certificates of authorities to trust instead of the system's.
    public var certificateAuthorities: String?
    /// How long making a connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long one mail may take, connection included.
    public var timeout: Duration = .seconds(30)
    /// How many mails are sent at once; each has a thread and a connection of its own.
    public var connections = 2
    /// How many mails may wait. Beyond, sending fails at once as transient.
    public var maximumWaiting = 256

    /// - Parameters:
    ///   - url: `smtp://host[:port]` (25) or `smtps://host[:port]` (465). A path, a query or user information is
    ///     refused.
    ///   - sender: the address mail comes from and bounces to.
    ///   - user: for servers that ask for one, with the password.
    ///   - requiresTLS: sends nothing over an `smtp://` connection that STARTTLS did not protect. Always so with a
    ///     password, unless the server is on this machine.
    /// - Throws: `MailError`.
    public init(
        url: String, sender: String, user: String? = nil, password: String? = nil, requiresTLS: Bool = false
    ) throws(MailError) {
        let isImplicit = url.hasPrefix("smtps://")
        guard isImplicit || url.hasPrefix("smtp://") else { throw MailError(.badURL) }
        var authority = url.dropFirst(isImplicit ? 8 : 7)
        if authority.hasSuffix("/") {
            authority = authority.dropLast()
        }
        guard let host = Self.host(of: authority) else { throw MailError(.badURL) }
        let credentials = [user, password].compactMap(\.self)
        let areClean = credentials.allSatisfy { text in
            !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
        guard credentials.count != 1, areClean else { throw MailError(.badCredentials) }
        let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(host)
        if !isImplicit && !requiresTLS && !credentials.isEmpty && !isLocal {
            throw MailError(.unencryptedCredentials)
        }
        guard let sender = try? MailAddress(sender) else { throw MailError(.badSender) }
        self.security = isImplicit ? .implicitTLS : requiresTLS ? .requiredStartTLS : .opportunisticStartTLS
        self.url = "\(isImplicit ? "smtps" : "smtp")://\(authority)/\(sender.host)"  // the path is what EHLO says
        self.sender = sender
        self.user = user
        self.password = password
    }

    /// The host of `host[:port]`, if it is one.
    private static func host(of authority: Substring) -> String? {
        var host = authority
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            let port = authority[authority.index(after: colon)...]
            guard let number = UInt16(port), number > 0 else { return nil }
            host = authority[..<colon]
        }
        if host.hasPrefix("[") && host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            let isAddress = !inner.isEmpty && inner.utf8.allSatisfy { "0123456789abcdefABCDEF:.".utf8.contains($0) }
            return isAddress ? String(host) : nil
        }
        return MailAddress.isHost(host) ? String(host) : nil
    }

    /// The way connections are protected; no address, user or password.
    public var description: String { "SMTPConfiguration(\(self.security))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
