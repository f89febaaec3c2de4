import Glibc

/// Reads the small files of an agency's settings whole, and says why when it cannot.
enum SmallFile {
    static let limit = 64 * 1024

    /// The content, or nil when there is no such file.
    static func readIfPresent(_ path: String, named name: String) throws(WorkerExit) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case EACCES, EPERM: throw Self.exit(name, path, "this user may not read it; change its owner or mode")
            default: throw Self.exit(name, path, "it cannot be opened (error \(errno))")
            }
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Self.exit(
                    name, path, errno == EISDIR ? "it is a directory" : "it cannot be read (error \(errno))")
            }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= Self.limit else {
                throw Self.exit(name, path, "it has more than \(Self.limit) bytes")
            }
        }
    }

    /// The content of a file that must be there.
    static func read(_ path: String, named name: String) throws(WorkerExit) -> [UInt8] {
        guard let content = try self.readIfPresent(path, named: name) else {
            throw Self.exit(name, path, "there is no such file; create it or correct the path")
        }
        return content
    }

    private static func exit(_ name: String, _ path: String, _ problem: String) -> WorkerExit {
        WorkerExit(code: .configuration, reason: "\(name) \(path): \(problem)")
    }
}
