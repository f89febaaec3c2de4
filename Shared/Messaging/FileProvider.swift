public import Casework
import FoundationEssentials
import Glibc
public import Safeguarding

/// Appends messages to a file, for drills and measurements: nothing leaves the machine. It keeps which message went, by
/// which channel and when, and neither address nor text.
public struct FileProvider: MessageProvider {
    public let name: String
    public let channel: ContactChannel
    public let sender: SenderIdentity
    public let isImmediate = true
    private let path: String

    public init(name: String, channel: ContactChannel, sender: SenderIdentity, path: String) {
        self.name = name
        self.channel = channel
        self.sender = sender
        self.path = path
    }

    public func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome {
        let id = permit.messageID.uuidString.lowercased()
        let attempt = permit.attempt
        do { _ = try permit.redeem() } catch { return .expired }
        let instant = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let line = "\(instant) \(id) \(attempt) \(self.channel.rawValue) \(template)\n"
        // One write of less than a page with O_APPEND: lines of several processes never mix, and it does not block for
        // longer than the page cache takes.
        let descriptor = open(self.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .later(reason: "file_not_open") }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        return write(descriptor, bytes, bytes.count) == bytes.count
            ? .accepted(reference: nil, segments: 0) : .later(reason: "file_not_written")
    }
}
