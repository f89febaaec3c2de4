import CLibPQ
import NIOConcurrencyHelpers

/// Receives the server's notices, which libpq would print to stderr, and remembers the one that matters: that a COMMIT
/// was answered without synchronous replication having confirmed it.
final class NoticeBox: Sendable {
    private let sawUnconfirmedCommit = NIOLockedValueBox(false)

    /// Installs itself; must outlive the connection.
    func install(on connection: OpaquePointer?) {
        guard let connection else { return }
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context else { return }
                Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ result: OpaquePointer?) {
        // The wait for the replicas was cancelled (01000) or ended by a shutdown (57P01): the only warnings of this
        // function of the server. The state alone would not do, as any RAISE WARNING is 01000.
        guard let function = PQresultErrorField(result, Int32(UInt8(ascii: "R"))),
            String(cString: function) == "SyncRepWaitForLSN"
        else { return }
        self.sawUnconfirmedCommit.withLockedValue { $0 = true }
    }

    /// Whether there was one since the last call.
    func takeUnconfirmedCommit() -> Bool {
        self.sawUnconfirmedCommit.withLockedValue { saw in
            defer { saw = false }
            return saw
        }
    }
}
