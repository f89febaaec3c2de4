import Glibc

/// Reads and writes the small files that hold keys. Nobody but the owner may have any right to one.
package enum KeyFile {
    /// No key file comes near this; a larger one is a wrong path.
    static let maximumBytes = 64 * 1024

    /// The bytes of a key file, whose type and mode are checked on the descriptor that is read.
    package static func read(_ path: String) throws(KeyFileError) -> [UInt8] {
        // O_NONBLOCK: a pipe at the path must not hold the start of a service.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw .missing(path)
            }
            throw KeyFileError(
                .unreadable, path: path, fault: "it cannot be opened (error \(errno))",
                remedy: "let the service's user own it: chown USER \(path)")
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeyFileError(
                .notAFile, path: path, fault: "it is not a regular file",
                remedy: "correct the path in the configuration")
        }
        let mode = status.st_mode & 0o7777
        guard mode == 0o600 || mode == 0o400 else {
            throw KeyFileError(
                .tooOpen, path: path, fault: "its mode is 0\(String(mode, radix: 8)), so others may use it",
                remedy: "run: chmod 600 \(path)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= Self.maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR {
                continue
            }
            guard count >= 0 else {
                throw KeyFileError(
                    .unreadable, path: path, fault: "it cannot be read (error \(errno))", remedy: "check the disk")
            }
            if count == 0 {
                return bytes
            }
            bytes.append(contentsOf: buffer[..<count])
        }
        throw .malformed(path, "it is far larger than a key file")
    }

    /// Makes a key file of mode 0600, whole or not at all, and never over another file.
    package static func create(_ path: String, _ bytes: [UInt8]) throws(KeyFileError) {
        let temporary = try Self.writeTemporary(beside: path, bytes)
        defer { unlink(temporary) }
        // link, unlike rename, refuses to replace what is there.
        guard link(temporary, path) == 0 else {
            if errno == EEXIST {
                throw KeyFileError(
                    .exists, path: path, fault: "it exists and is never overwritten",
                    remedy: "keep it, or move it away first if nothing was sealed with it")
            }
            throw Self.unwritable(path)
        }
    }

    /// Replaces a key file by a longer one in one step: readers see the old keys or the new, never half a file.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(KeyFileError) {
        let temporary = try Self.writeTemporary(beside: path, bytes)
        guard rename(temporary, path) == 0 else {
            let error = Self.unwritable(path)
            unlink(temporary)
            throw error
        }
    }

    /// Makes the directory for its owner alone, unless it is there.
    package static func makeDirectory(_ path: String) throws(KeyFileError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw Self.unwritable(path)
        }
    }

    private static func writeTemporary(beside path: String, _ bytes: [UInt8]) throws(KeyFileError) -> String {
        let temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR {
                continue
            }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        Glibc.close(descriptor)
        guard isWhole else {
            let error = Self.unwritable(path)
            unlink(temporary)
            throw error
        }
        return temporary
    }

    private static func unwritable(_ path: String) -> KeyFileError {
        KeyFileError(
            .unwritable, path: path, fault: "it cannot be written (error \(errno))",
            remedy: "check that the directory exists, has room and belongs to you")
    }
}
