/// The reactor's thread as a preference of tasks.
final class ReactorTasks: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        EpollReactor.shared.enqueue(preferred: UnownedJob(job))
    }
}

/// Where tasks may run that do little besides waiting for the database.
public enum PostgresThread {
    /// The thread that all connections of the process live on, to be given to `withTaskExecutorPreference`.
    ///
    /// A task that prefers it is resumed where the server's answer arrives: without the preference, each statement costs
    /// two switches between threads, which on a busy machine is as much as the statement itself. What such a task computes
    /// holds up every connection of the process, so nothing in it may block, or compute for more than a millisecond or so.
    /// A process that should use more than one processor runs several times.
    public static var taskExecutor: any TaskExecutor { EpollReactor.shared.tasks }
}
