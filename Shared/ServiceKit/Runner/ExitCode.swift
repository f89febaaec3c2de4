/// The exit codes of our processes, after sysexits(3).
public enum ExitCode: Int32, Sendable, CaseIterable {
    /// It did what it was asked, or was asked to stop.
    case ok = 0
    /// The command line is wrong.
    case usage = 64
    /// Something that it needs is not there: the database, a port.
    case unavailable = 69
    /// A defect of ours.
    case internalError = 70
    /// The same start will succeed once something else has happened, such as `dandelion migrate`.
    case tryAgainLater = 75
    /// A setting is missing or wrong.
    case configuration = 78
}
