import Contracts
import JobTypes
import JobWorker
import Messaging

/// Tells a person, if her safe-contact rules allow it at this moment (invariant 6).
struct NotifyPersonHandler: JobHandler {
    typealias Arguments = NotifyPerson

    let retryPolicy = RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(1800))
    private let sender: MessageSender<PersonJudge>

    /// - Parameter rounds: in which messages go together; without them each goes alone.
    init(judge: PersonJudge, rounds: MessageRounds? = nil) {
        self.sender = MessageSender(
            judge: judge, providers: judge.providers, rounds: rounds, retryPolicy: self.retryPolicy)
    }

    func run(_ arguments: NotifyPerson, _ context: JobContext) async throws -> JobOutcome {
        try await self.sender.run(arguments.messageID, context)
    }
}

/// Tells a desk: a station's or its duty, an agency's, the operators'.
struct NotifyStaffHandler: JobHandler {
    typealias Arguments = NotifyStaff

    /// Desks are told soon or a person has to notice otherwise: the waits end at ten minutes.
    let retryPolicy = RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(600))
    private let sender: MessageSender<StaffJudge>

    /// - Parameter rounds: in which messages go together; without them each goes alone.
    init(judge: StaffJudge, rounds: MessageRounds? = nil) {
        self.sender = MessageSender(
            judge: judge, providers: judge.providers, rounds: rounds, retryPolicy: self.retryPolicy)
    }

    func run(_ arguments: NotifyStaff, _ context: JobContext) async throws -> JobOutcome {
        try await self.sender.run(arguments.noticeID, context)
    }
}
