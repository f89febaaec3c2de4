/// Why a configuration or a mail was refused before anything was sent. It holds neither an address nor content.
public struct MailError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case badURL, badSender, badAddress, badSubject, badCredentials, unencryptedCredentials
        }

        private let value: Value

        /// The server's URL is not `smtp://host[:port]` or `smtps://host[:port]`.
        public static let badURL = Code(value: .badURL)
        /// The sender is not a mail address.
        public static let badSender = Code(value: .badSender)
        /// The recipient is not a mail address, or would inject a header or a command.
        public static let badAddress = Code(value: .badAddress)
        /// The subject would inject a header.
        public static let badSubject = Code(value: .badSubject)
        /// User and password do not come together, or hold control characters.
        public static let badCredentials = Code(value: .badCredentials)
        /// A password would cross a network in clear.
        public static let unencryptedCredentials = Code(value: .unencryptedCredentials)

        public var description: String { self.value.rawValue }
    }

    /// What is wrong.
    public let code: Code

    init(_ code: Code) {
        self.code = code
    }

    /// One line: the fault and the remedy.
    public var description: String {
        switch self.code {
        case .badURL:
            "the mail server's URL is not smtp://host[:port] or smtps://host[:port]; user and password are set apart"
        case .badSender: "the mail sender is not a plain mail address"
        case .badAddress: "the recipient is not a plain mail address"
        case .badSubject: "the subject holds a line break or another control character"
        case .badCredentials: "the mail user and password must both be set, without control characters"
        default: "a mail password must not cross the network in clear: use smtps://, or require STARTTLS"
        }
    }
}
