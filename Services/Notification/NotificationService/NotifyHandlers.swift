import Contracts
import JobTypes
import JobWorker
import Messaging

/// Tells a person, if her safe-contact rules allow it at this moment (invariant 6).
struct NotifyPersonHandler: JobHandler {
    typealias Arguments = NotifyPerson

    let retryPolicy = RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(1800))
    let timeout = MessageRounds.timeout
    private let sender: MessageSender<PersonJudge>

    /// - Parameters:
    ///   - rounds: in which messages go together; without them each goes alone.
    ///   - roundPatience: for how long a round hands messages over.
    init(
        judge: PersonJudge, rounds: SendingRounds? = nil,
        roundPatience: Duration = SendingRound<PersonJudge>.usualPatience
    ) {
        self.sender = MessageSender(
            judge: judge, rounds: rounds, retryPolicy: self.retryPolicy, roundPatience: roundPatience)
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
    let timeout = MessageRounds.timeout
    private let sender: MessageSender<StaffJudge>

    /// - Parameters:
    ///   - rounds: in which messages go together; without them each goes alone.
    ///   - roundPatience: for how long a round hands messages over.
    init(
        judge: StaffJudge, rounds: SendingRounds? = nil,
        roundPatience: Duration = SendingRound<StaffJudge>.usualPatience
    ) {
        self.sender = MessageSender(
            judge: judge, rounds: rounds, retryPolicy: self.retryPolicy, roundPatience: roundPatience)
    }

    func run(_ arguments: NotifyStaff, _ context: JobContext) async throws -> JobOutcome {
        try await self.sender.run(arguments.noticeID, context)
    }
}
