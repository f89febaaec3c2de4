import Glibc

/// Every waiting poll holds a connection, and many systems start a process with room for 1024 files only.
enum OpenFiles {
    /// Raises the soft limit to the hard one. Where that is refused, the old limit stays.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
