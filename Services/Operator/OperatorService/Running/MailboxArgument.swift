import Mail

/// A mail address given on the command line.
enum MailboxArgument {
    /// Whether mail can be addressed to it.
    static func isMailbox(_ text: String) -> Bool {
        do {
            _ = try MailAddress(text)
            return true
        } catch {
            return false
        }
    }
}
