import FoundationEssentials
import Glibc
import PostgresClient

/// A process that the bench starts and waits for: pgbench, or a worker.
///
/// It ends with the value: nothing is left running when the bench fails.
final class BenchChild: Sendable {
    struct Ended: Sendable {
        let status: Int32
        /// User and kernel time.
        let cpuSeconds: Double
        let peakMegabytes: Double
    }

    let processIdentifier: Int32
    private let ended: AsyncStream<Ended>

    /// - Parameter output: the file that takes standard output; standard error stays the bench's.
    init(_ program: String, _ arguments: [String], output: String) throws(CommandFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // This thread may block signals which the process needs: pgbench's clock is one.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var pointers = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, program, &actions, &attributes, &pointers, environ)
        guard result == 0 else {
            throw CommandFailure(.unavailable, "cannot start \(program) (errno \(result)); install it or name it")
        }
        let started = process
        self.processIdentifier = started
        let (stream, continuation) = AsyncStream.makeStream(of: Ended.self)
        self.ended = stream
        // A thread of its own: waiting blocks.
        BlockingThread.start {
            var usage = rusage()
            var status: Int32 = 0
            while wait4(started, &status, 0, &usage) < 0, errno == EINTR {}
            let seconds =
                Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
            continuation.yield(
                Ended(
                    status: status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f), cpuSeconds: seconds,
                    peakMegabytes: Double(usage.ru_maxrss) / 1024))
            continuation.finish()
        }
    }

    func send(_ signal: Int32) {
        _ = kill(self.processIdentifier, signal)
    }

    /// Waits for the end. Cancelled, it kills the process first.
    /// - Throws: `CommandFailure` when the process failed.
    func wait(_ name: String) async throws -> Ended {
        let process = self.processIdentifier
        let end = await withTaskCancellationHandler {
            // Not cancelled with the task: a killed process ends.
            await withTaskGroup(of: Ended?.self) { group in
                group.addTask { await self.ended.first { _ in true } }
                return await group.next() ?? nil
            }
        } onCancel: {
            _ = kill(process, SIGKILL)
        }
        guard let end, end.status == 0 else {
            try Task.checkCancellation()
            throw CommandFailure(.internalError, "\(name) failed with status \(end?.status ?? -1)")
        }
        return end
    }
}
