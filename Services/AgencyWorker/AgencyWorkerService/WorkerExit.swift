/// Why the process ends, in one line, with its exit code (after sysexits).
struct WorkerExit: Error, Equatable, CustomStringConvertible {
    enum Code: Int32 {
        /// The gateway does not know the key: an operator has to issue another.
        case notPermitted = 77
        /// A defect of ours.
        case internalError = 70
        /// The gateway cannot be reached, or is in trouble.
        case unavailable = 69
        /// A setting or a file is missing or wrong.
        case configuration = 78
    }

    let code: Code
    /// What is the matter and what to do; holds nothing of a key or a package.
    let reason: String

    var description: String { self.reason }
}
