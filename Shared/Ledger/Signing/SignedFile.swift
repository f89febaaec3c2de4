import Glibc

/// The last checkpoint that a signer has signed, in a file beside its key and outside the database: what tells after a
/// failover or a restore that the database has lost what was vouched for.
public struct SignedFile: Sendable {
    /// Where it is.
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The note, or nil when nothing was signed yet.
    func read() throws(LedgerError) -> String? {
        let descriptor = Glibc.open(self.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw self.error("cannot be read (error \(errno)); the signer's user must own it")
        }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= SignedNote.maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw self.error("cannot be read (error \(errno))") }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
        throw self.error("is far larger than a checkpoint")
    }

    /// Replaces the note in one step, and returns when it will outlive a crash of the machine.
    func write(_ note: String) throws(LedgerError) {
        let temporary = "\(self.path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw self.error("cannot be written (error \(errno))") }
        let bytes = Array(note.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        Glibc.close(descriptor)
        guard isWhole, rename(temporary, self.path) == 0, self.synchroniseDirectory() else {
            unlink(temporary)  // Perhaps it has its name already; then there is nothing to remove.
            throw self.error("cannot be written whole (error \(errno)); see whether the disk has room")
        }
    }

    /// The new name is on disk only with its directory.
    private func synchroniseDirectory() -> Bool {
        let parts = self.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return fsync(descriptor) == 0
    }

    private func error(_ text: String) -> LedgerError {
        .file("the file of the last signed checkpoint, \(self.path), \(text)")
    }
}
