/// Where a job is in its life. The words are the same in SQL, JSON and the CLI.
public enum JobState: String, Sendable, Codable, CaseIterable {
    /// Ready: the next claim may take it. Can transition to: `running`, `cancelled`.
    case available
    /// Waits for its time. Can transition to: `available` (the scheduler), `cancelled`.
    case scheduled
    /// Leased to one consumer. Can transition to: every other state, through its fencing token or the rescuer only.
    case running
    /// An attempt failed; waits for the next one. Can transition to: `available` (the scheduler), `cancelled`.
    case retryable
    /// Done. Terminal.
    case completed
    /// Called off before it was done. Terminal.
    case cancelled
    /// Given up: a dead letter. Can transition to: `available`, by an operator's retry.
    case discarded

    /// Whether the job has left the job table for the history.
    public var isFinal: Bool {
        switch self {
        case .available, .scheduled, .running, .retryable: false
        case .completed, .cancelled, .discarded: true
        }
    }
}
