import Glibc
import NIOPosix
public import ServiceLifecycle

/// Tells what a small file holds, at the start and each time that it has changed: for what is to count without a restart.
///
/// The file's modification is looked at every few seconds, on a thread that may block; its content is read only when that differs. It
/// may be replaced or written over; a half-written one is told like any other, and told again when it is whole.
public struct FileWatch: Service {
    public enum Reading: Sendable, Equatable {
        case content([UInt8])
        /// What is wrong, continuing a sentence that names the file: `does not exist`.
        case unreadable(problem: String)
    }

    /// What tells one state of the file from another.
    private struct Version: Equatable {
        var device: UInt64
        var node: UInt64
        var size: Int64
        var modified: [Int]
    }

    private let path: String
    private let interval: Duration
    private let limit: Int
    private let changed: @Sendable (Reading) -> Void

    /// - Parameters:
    ///   - limit: bytes; a larger file is not read.
    ///   - changed: called once for each state of the file that was seen, one at a time.
    public init(
        _ path: String, every interval: Duration = .seconds(5), limit: Int = 1 << 20,
        changed: @escaping @Sendable (Reading) -> Void
    ) {
        self.path = path
        self.interval = interval
        self.limit = limit
        self.changed = changed
    }

    /// Runs until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen: Version?
            var isFirst = true
            while !Task.isCancelled {
                let (version, reading) = await self.look(since: seen, isFirst: isFirst)
                if let reading { self.changed(reading) }
                seen = version
                isFirst = false
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
    }

    /// The version first: what is written while it is read is a change at the next look.
    private func look(since seen: Version?, isFirst: Bool) async -> (Version?, Reading?) {
        do {
            return try await NIOThreadPool.singleton.runIfActive { [path = self.path, limit = self.limit] in
                let version = Self.version(of: path)
                if version == seen, !isFirst { return (version, nil) }
                do throws(SmallFile.Failure) {
                    return (version, .content(try SmallFile.read(path, limit: limit)))
                } catch {
                    return (version, .unreadable(problem: error.problem))
                }
            }
        } catch {
            return (seen, nil)  // Cancelled, or the process is ending.
        }
    }

    private static func version(of path: String) -> Version? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        return Version(
            device: UInt64(found.st_dev), node: UInt64(found.st_ino), size: Int64(found.st_size),
            modified: [
                found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec,
            ])
    }
}
