import FoundationEssentials
import Glibc

extension ServiceProcess {
    /// Where `swift build` put the executables: beside the test bundle, unless DANDELION_BIN says otherwise.
    public static func productsDirectory() throws -> String {
        if let directory = ProcessInfo.processInfo.environment["DANDELION_BIN"], !directory.isEmpty { return directory }
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }

    /// Taken away by `deploy/local/test`, with every process that still has its name in the environment.
    static var scratchDirectory: String {
        ProcessInfo.processInfo.environment["DANDELION_TEST_DIRECTORY"] ?? "/tmp"
    }

    static func environment(_ own: [String: String]) -> [String: String] {
        let kept: Set<String> = ["DANDELION_TEST_DIRECTORY"]
        let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            kept.contains(name) || !(name.hasPrefix("DANDELION_") || name.hasPrefix("PG"))
        }
        return inherited.merging(own) { $1 }
    }

    /// A port of this machine that nobody listens on. Another process may take it before it is used: try again then.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw LaunchFailed(description: "no socket: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw LaunchFailed(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The process gets a group of its own (Ctrl-C at the terminal is the test's business), default signals, standard
    /// input from nowhere and both outputs into the file.
    static func spawn(
        _ path: String, arguments: [String], environment: [String: String], output: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Nothing else of this process: a link that another test cuts must not stay open in a child. (closefrom is not in the
        // Glibc module.)
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var argumentPointers = ([path] + arguments).map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, path, &actions, &attributes, &argumentPointers, &environmentPointers)
        guard result == 0 else { throw LaunchFailed(description: "cannot start \(path): errno \(result)") }
        return process
    }
}
