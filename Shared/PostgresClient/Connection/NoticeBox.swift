import CLibPQ
import NIOConcurrencyHelpers

/// Receives the server's notices, which libpq would print to stderr, and remembers the one that matters: that a COMMIT
/// was answered without synchronous replication having confirmed it.
final class NoticeBox: Sendable {
    private let sawUnconfirmedCommit = NIOLockedValueBox(false)

    /// Installs itself; must outlive the connection.
    func install(on connection: OpaquePointer?) {
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context else { return }
                Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ result: OpaquePointer?) {
        // 01000 "canceling wait for synchronous replication", 57P01 the same at shutdown (syncrep.c).
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map({ String(cString: $0) }),
            state == "01000" || state == "57P01"
        else { return }
        self.sawUnconfirmedCommit.withLockedValue { $0 = true }
    }

    func takeUnconfirmedCommit() -> Bool {
        self.sawUnconfirmedCommit.withLockedValue { saw in
            defer { saw = false }
            return saw
        }
    }
}
