import JobQueue
public import PostgresClient

extension JobContext {
    /// Ends several jobs as completed in one transaction. Each keeps its own lease: one that is lost, or whose row somebody
    /// else has under lock, is left out and holds up none of the others.
    ///
    /// `body` is given those that are held from then on to the end of the transaction, and returns those that are done: they
    /// are completed with COMMIT. The others stay as they are, and their handlers go on with them.
    ///
    /// - Returns: those that are completed; their handlers return `.completed`.
    /// - Throws: whatever `body` throws, or the database: none of them is completed then, and nothing of `body` is
    ///   committed. `PostgresError.commitOutcomeUnknown` when the link died in the COMMIT.
    public static func completing(
        _ contexts: [JobContext], _ name: StaticString,
        _ body: (PostgresTransaction, [JobContext]) async throws -> [JobContext]
    ) async throws -> [JobContext] {
        guard let first = contexts.first else { return [] }
        let done: [JobContext]
        do {
            done = try await first.pool.withTransaction(name) { transaction in
                let held = try await first.store.hold(contexts.map(\.job), in: transaction)
                let done = try await body(transaction, contexts.filter { held.contains($0.job.id) })
                // What a job leaves behind is written with it alone.
                guard done.allSatisfy({ $0.result == nil }) else { throw JobQueueError(code: .badArgument) }
                if !done.isEmpty { try first.store.postCompletion(done.map(\.job), in: transaction) }
                return done
            }
        } catch let error as PostgresError {
            throw JobQueueError(error) ?? error
        }
        for context in done { context.noteCommitted() }
        return done
    }
}
