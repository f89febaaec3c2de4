import FoundationEssentials
import Glibc

/// Writes files that only their owner may read.
enum PrivateFile {
    /// Makes the file with mode 0600, whole or not at all, and never over another.
    static func create(_ path: String, _ text: String) throws(CommandFailure) {
        let temporary = try self.temporary(beside: path, text)
        defer { unlink(temporary) }
        // link, unlike rename, refuses to replace what is there.
        guard link(temporary, path) == 0 else {
            let problem = errno == EEXIST ? "it exists and is never overwritten; move it away first" : "error \(errno)"
            throw CommandFailure(.configuration, "\(path) cannot be written: \(problem)")
        }
    }

    /// Writes the file in one step, over an earlier one.
    static func replace(_ path: String, _ text: String) throws(CommandFailure) {
        let temporary = try self.temporary(beside: path, text)
        guard rename(temporary, path) == 0 else {
            unlink(temporary)
            throw CommandFailure(.configuration, "\(path) cannot be written (error \(errno)); see its directory")
        }
    }

    /// Takes a file of ours away; one that is gone already is no mistake.
    static func remove(_ path: String) {
        unlink(path)
    }

    /// Makes the directory, and those around it, for the owner alone.
    static func makeDirectory(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.configuration, "the directory \(path) cannot be made; see whether it may be written")
        }
    }

    private static func temporary(beside path: String, _ text: String) throws(CommandFailure) -> String {
        let temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.configuration, "\(path) cannot be written (error \(errno)); see its directory")
        }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        Glibc.close(descriptor)
        guard isWhole else {
            unlink(temporary)
            throw CommandFailure(.configuration, "\(path) cannot be written whole; see whether the disk has room")
        }
        return temporary
    }
}
