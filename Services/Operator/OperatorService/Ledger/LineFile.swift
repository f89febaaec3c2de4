import Glibc

/// A file of lines too long to be held at once: written under another name until it is whole, and never over another file.
final class LineFile {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isFinished = false

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        self.temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        self.descriptor = Glibc.open(self.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw CommandFailure(.configuration, "\(path) cannot be written (error \(errno)); see its directory")
        }
    }

    deinit {
        if self.descriptor >= 0 { Glibc.close(self.descriptor) }
        if !self.isFinished { unlink(self.temporary) }
    }

    func write(_ line: String) throws(CommandFailure) {
        self.buffer += line.utf8
        self.buffer.append(UInt8(ascii: "\n"))
        if self.buffer.count >= 1 << 16 { try self.flush() }
    }

    /// Gives the file its name.
    func finish() throws(CommandFailure) {
        try self.flush()
        guard fsync(self.descriptor) == 0, link(self.temporary, self.path) == 0 else {
            let problem = errno == EEXIST ? "it exists and is never overwritten; move it away first" : "error \(errno)"
            throw CommandFailure(.configuration, "\(self.path) cannot be written: \(problem)")
        }
        unlink(self.temporary)
        self.isFinished = true
    }

    private func flush() throws(CommandFailure) {
        var written = 0
        while written < self.buffer.count {
            let count = self.buffer[written...].withUnsafeBytes {
                Glibc.write(self.descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw CommandFailure(
                    .configuration, "\(self.path) cannot be written whole; see whether the disk has room")
            }
            written += count
        }
        self.buffer.removeAll(keepingCapacity: true)
    }

    /// Reads a file line by line.
    final class Reader {
        /// No line of ours comes near this.
        private static let longest = 1 << 20
        private let path: String
        private let descriptor: Int32
        private var buffer: [UInt8] = []
        private var start = 0
        private var isAtEnd = false

        init(_ path: String) throws(CommandFailure) {
            self.path = path
            self.descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard self.descriptor >= 0 else {
                throw CommandFailure(.badData, "\(path) cannot be read (error \(errno)); correct the path")
            }
        }

        deinit {
            if self.descriptor >= 0 { Glibc.close(self.descriptor) }
        }

        /// The next line without its end, or nil behind the last.
        func next() throws(CommandFailure) -> String? {
            while true {
                if let end = self.buffer[self.start...].firstIndex(of: UInt8(ascii: "\n")) {
                    defer { self.start = end + 1 }
                    return try self.text(self.buffer[self.start..<end])
                }
                if self.isAtEnd {
                    guard self.start < self.buffer.count else { return nil }
                    defer { self.start = self.buffer.count }
                    return try self.text(self.buffer[self.start...])
                }
                guard self.buffer.count - self.start <= Self.longest else {
                    throw CommandFailure(.badData, "\(self.path) has a line that is far too long")
                }
                try self.fill()
            }
        }

        private func text(_ bytes: ArraySlice<UInt8>) throws(CommandFailure) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure(.badData, "\(self.path) is not text in UTF-8")
            }
            return text
        }

        private func fill() throws(CommandFailure) {
            self.buffer.removeFirst(self.start)
            self.start = 0
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            var count = Glibc.read(self.descriptor, &chunk, chunk.count)
            while count < 0 && errno == EINTR { count = Glibc.read(self.descriptor, &chunk, chunk.count) }
            guard count >= 0 else {
                throw CommandFailure(.badData, "\(self.path) cannot be read (error \(errno))")
            }
            if count == 0 { self.isAtEnd = true }
            self.buffer += chunk[..<count]
        }
    }
}
