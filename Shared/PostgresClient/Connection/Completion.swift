import NIOConcurrencyHelpers

/// Somebody who waits for the results of an operation.
///
/// They are handed over under a lock and the continuation only wakes: ThreadSanitizer does not see the runtime's own
/// handover when the answer is there before the wait has begun.
struct Completion: Sendable {
    typealias Answer = Result<[PostgresRows], PostgresError>

    private let answer: NIOLockedValueBox<Answer>
    private let waiter: CheckedContinuation<Void, Never>

    /// Waits for `resume`, which `body` must see to that it is called once.
    static func wait(_ body: (Completion) -> Void) async -> Answer {
        let answer = NIOLockedValueBox(Answer.success([]))
        await withCheckedContinuation { waiter in
            body(Completion(answer: answer, waiter: waiter))
        }
        return answer.withLockedValue { $0 }
    }

    func resume(_ answer: Answer) {
        self.answer.withLockedValue { $0 = answer }
        self.waiter.resume()
    }
}
