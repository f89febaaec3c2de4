/// A carrier that takes short messages over HTTP.
public protocol SMSGateway: Sendable {
    /// The signature it puts before every text.
    var signature: SMSSignature { get }
    /// Whether it can be told for how long it may try to deliver.
    var takesValidity: Bool { get }
    /// Hands one message over. Nothing is retried here: the outcome tells the caller what to do.
    /// - Throws: `CancellationError` when the task was cancelled; the message may have been taken.
    func send(_ message: OutgoingSMS) async throws -> SMSOutcome
}

/// Where a gateway listens: `https://`, or plain `http://` on this machine.
public struct SMSGatewayURL: Sendable, Hashable {
    let text: String
    let host: String

    /// - Throws: `SMSError.badURL` or `.insecureURL`.
    public init(_ text: String) throws(SMSError) {
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }), !text.contains("@")
        else { throw SMSError(.badURL) }
        let authority = text.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.prefix { $0 != ":" }
        guard !host.isEmpty else { throw SMSError(.badURL) }
        guard isSecure || host == "127.0.0.1" || host == "localhost" else { throw SMSError(.insecureURL) }
        self.text = text
        self.host = String(authority)
    }
}
