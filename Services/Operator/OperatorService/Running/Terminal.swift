import FoundationEssentials
import Glibc
import ServiceKit

/// Where commands write. Unbuffered, so that a timeline shows as it happens when it is piped, too.
enum Terminal {
    /// A line, or several, to standard output. Ends the process when nobody reads any more.
    static func line(_ text: String = "") {
        self.write(text + "\n", to: STDOUT_FILENO)
    }

    /// A complaint to standard error.
    static func complain(_ reason: String) {
        self.write("dandelion: \(reason)\n", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                written += count
            } else if errno == EPIPE {
                Glibc.exit(0)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}

/// JSON for scripts: one document, names in snake case, instants in RFC 3339.
enum JSONText {
    static func of(_ document: some Encodable) throws -> String {
        String(decoding: try JSONConventions.encoder.encode(document), as: UTF8.self)
    }
}
