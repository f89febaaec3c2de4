import JobQueue
public import JobTypes
import Logging

/// Does the work of one kind of job.
///
/// A handler may be called again for the same job: after a crash, a lost lease or an unknown commit. What it does to the
/// database belongs in `JobContext.completing`, where effect and completion commit together, once. What it does outside
/// has to bear a repeat; `LeasedJob.alias` is the idempotency key for it.
public protocol JobHandler<Arguments>: Sendable {
    associatedtype Arguments: JobArguments

    /// How long to wait after a failed attempt, and how many there may be. By default exponential from one second to one
    /// hour, as often as the job itself says.
    var retryPolicy: RetryPolicy { get }
    /// When an attempt is cancelled and counted as failed. By default a minute.
    var timeout: Duration { get }

    /// Whether trying again cannot help, so that the job is a dead letter at once. By default only a `JobFailure` that says
    /// so.
    func isPermanent(_ error: any Error) -> Bool

    /// One attempt. Runs in a task that is cancelled when the lease is lost, the job is cancelled, the time is up or the
    /// process shuts down. A thrown error means "retry by policy".
    func run(_ arguments: Arguments, _ context: JobContext) async throws -> JobOutcome
}

extension JobHandler {
    public var retryPolicy: RetryPolicy { RetryPolicy() }
    public var timeout: Duration { .seconds(60) }
    public func isPermanent(_ error: any Error) -> Bool { (error as? JobFailure)?.isPermanent ?? false }

    /// The kind of job this handles.
    var kind: JobKind { Arguments.kind }

    func attempt(_ job: LeasedJob, _ context: JobContext) async throws -> JobOutcome {
        let arguments: Arguments
        do {
            arguments = try job.decode()
        } catch  where error.code == .newerArguments {
            // A worker of the newer version will come: this one hands the job back and counts no attempt.
            context.logger.warning("Job is for a newer worker; it waits", metadata: ["job.code": "newer_arguments"])
            return .snooze(.seconds(30))
        } catch {
            return .retry(after: .seconds(30), code: "undecodable_arguments")
        }
        return try await self.run(arguments, context)
    }
}

/// An error of a handler's own that names the code the failed attempt is recorded under.
public struct JobFailure: Error, Sendable {
    /// A short constant without data in it.
    public let code: String
    /// Another attempt would fail in the same way.
    public let isPermanent: Bool

    public init(code: String, isPermanent: Bool = false) {
        self.code = code
        self.isPermanent = isPermanent
    }
}
