import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import PostgresClient

/// A client in any language under test: a process that reads a ``ConformanceCall`` a line on its standard input, as JSON, makes
/// the call, and writes a ``ConformanceAnswer`` as a line of JSON. It ends when its input does. `deploy/conformance/client.py`
/// is one.
public final class ClientProcess: ConformanceClient {
    /// The process could not be started, ended, or wrote what is no answer.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    private let process: pid_t
    private let input: Int32
    private let output: Int32
    /// What was read beyond the last line. The lock is held while bytes are copied only.
    private let rest = NIOLockedValueBox<[UInt8]>([])

    /// - Parameter command: the program, looked for in PATH, and its arguments.
    public init(_ command: [String]) throws(Failed) {
        guard let program = command.first else { throw Failed(description: "no program is named") }
        var ends: [Int32] = [0, 0, 0, 0]
        guard pipe(&ends) == 0, pipe(&ends[2]) == 0 else { throw Failed(description: "no pipe (errno \(errno))") }
        // Processes that are started meanwhile must not keep them open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
        var pointers = command.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, program, &actions, nil, &pointers, environ)
        close(ends[0])
        close(ends[3])
        guard result == 0 else {
            close(ends[1])
            close(ends[2])
            throw Failed(description: "cannot start \(program) (errno \(result))")
        }
        (self.process, self.input, self.output) = (process, ends[1], ends[2])
    }

    deinit {
        close(self.input)
        close(self.output)
        kill(self.process, SIGTERM)
        var status: Int32 = 0
        while waitpid(self.process, &status, 0) < 0, errno == EINTR {}
    }

    public func answer(_ call: ConformanceCall) async throws -> ConformanceAnswer {
        let line = Array(try JSONEncoder().encode(call)) + [UInt8(ascii: "\n")]
        // Reading blocks, so it has a thread of its own.
        let bytes: [UInt8]? = await withCheckedContinuation { continuation in
            BlockingThread.start { continuation.resume(returning: self.exchange(line)) }
        }
        guard let bytes else { throw Failed(description: "the client has ended") }
        do {
            return try JSONDecoder().decode(ConformanceAnswer.self, from: Data(bytes))
        } catch {
            throw Failed(description: "the client answered to \(call.call.rawValue) with what is no answer")
        }
    }

    /// Sends a line and reads one; nil at the end. One at a time: the suite asks for nothing before it has its answer.
    private func exchange(_ line: [UInt8]) -> [UInt8]? {
        var sent = 0
        while sent < line.count {
            let count = line[sent...].withUnsafeBytes { write(self.input, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            sent += count
        }
        while true {
            let found: [UInt8]? = self.rest.withLockedValue { rest in
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                defer { rest.removeSubrange(...end) }
                return Array(rest[..<end])
            }
            if let found { return found }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(self.output, &buffer, buffer.count)
            guard count > 0 else { return nil }
            self.rest.withLockedValue { $0 += buffer[..<count] }
        }
    }
}
