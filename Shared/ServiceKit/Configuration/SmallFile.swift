import Glibc

/// Reads small files (secrets, keys, `/proc` entries) whole and with a limit, and says why when it cannot.
enum SmallFile {
    /// Why a file could not be read.
    enum Failure: Error, Equatable {
        case missing
        case notPermitted
        case notAFile
        case tooLarge(limit: Int)
        case failed(errno: Int32)

        /// What is wrong, continuing a sentence that names the variable.
        var problem: String {
            switch self {
            case .missing: "names a file that does not exist"
            case .notPermitted: "names a file that this user may not read"
            case .notAFile: "names something that is not a file"
            case .tooLarge(let limit): "names a file of more than \(limit) bytes"
            case .failed(let code): "names a file that cannot be read (error \(code))"
            }
        }
    }

    /// The whole content. Entries of `/proc` report a size of zero, so the size is found out by reading.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= limit else { throw .tooLarge(limit: limit) }
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .notPermitted
        case EISDIR: .notAFile
        default: .failed(errno: code)
        }
    }
}
