import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import Logging
import PostgresClient
import ServiceKit

/// Opens cases: the case, its first clock, its first jobs and its idempotency key in one transaction, and an answer
/// only when that transaction is known to be committed.
///
/// When the outcome of a COMMIT is unknown, the same transaction is run again under the same key. Taking the key waits
/// for whatever is still under way with it; then either the case is there, and is answered, or it is not, and is
/// opened. Taking a key that is taken is itself a write, so the second COMMIT also proves that the first reached the
/// replicas.
struct CaseOpening: Sendable {
    /// Runs the transaction. A test's breaks where it wants to.
    typealias Transact =
        @Sendable (
            _ body: @Sendable (PostgresTransaction) async throws -> [Opening]
        ) async throws -> [Opening]

    let transact: Transact
    let jobs: JobStore
    let secrets: IntakeSecrets
    /// How long to go on finding out what became of a COMMIT before telling the client to ask again.
    let patience: Duration
    /// In which requests go together; without them each goes alone.
    let rounds: OpeningRounds?
    let logger: Logger
    let store = IntakeStore()
    private let underWay = KeysUnderWay()

    init(
        transact: @escaping Transact, jobs: JobStore, secrets: IntakeSecrets, patience: Duration,
        rounds: OpeningRounds? = nil, logger: Logger
    ) {
        self.transact = transact
        self.jobs = jobs
        self.secrets = secrets
        self.patience = patience
        self.rounds = rounds
        self.logger = logger
    }

    /// Opens the case, or finds the one its key stands for.
    /// - Throws: `HTTPProblem` 422 when the key stands for another request, 503 when the outcome could not be found
    ///   out; `PostgresError` when nothing was changed.
    func open(_ draft: CaseDraft, key: IdempotencyKey, fingerprint: [UInt8]) async throws -> Opening {
        let request = try OpeningRequest(draft, key: key, fingerprint: fingerprint)
        let isFirst = self.underWay.enter(request.clientKey)
        defer { if isFirst { self.underWay.leave(request.clientKey) } }
        var mayGoTogether = isFirst
        var attempts = OpeningAttempts(patience: self.patience)
        while true {
            do {
                if mayGoTogether {
                    mayGoTogether = false
                    if let opening = try await self.together(request) { return opening }
                }
                return try await self.alone(request)
            } catch {
                switch attempts.failed(with: error) {
                case .again(let pause):
                    self.logger.warning(
                        "Case not opened yet; trying again",
                        metadata: ["case.id": "\(draft.id)", "error": "\(SafeDiagnosis.of(error))"])
                    do { try await Task.sleep(for: pause) } catch { throw attempts.givingUp(key: key) ?? error }
                case .giveUp:
                    throw attempts.givingUp(key: key) ?? Self.problem(for: error)
                }
            }
        }
    }

    /// The answer to an earlier request with this key and body, if there was one. For a repeat that would be refused
    /// today: what was answered 201 stays answered.
    func earlier(clientID: UUID, key: IdempotencyKey, fingerprint: [UInt8]) async throws -> Opening? {
        guard key.isFromClient else { return nil }
        do {
            return try await self.transact { transaction in
                let earlier = try await self.store.openedCase(client: clientID, key: key.text, on: transaction)
                guard let earlier, earlier.requestHash == fingerprint else { throw NoEarlierRequest() }
                return [
                    try await self.replay(
                        clientID: clientID, key: key, fingerprint: fingerprint, ownCase: earlier.caseID, in: transaction
                    )
                ]
            }.first
        } catch is NoEarlierRequest {
            return nil
        } catch let refusal as CaseworkError where refusal.code == .clientRevoked {
            throw Self.problem(for: refusal)
        }
    }

    private struct NoEarlierRequest: Error {}

    // MARK: - The transaction

    private func alone(_ request: OpeningRequest) async throws -> Opening {
        let openings = try await self.transact { transaction in [try await self.run(request, in: transaction)] }
        guard let opening = openings.first else { preconditionFailure("a transaction returns what its body returns") }
        return opening
    }

    private func run(_ request: OpeningRequest, in transaction: PostgresTransaction) async throws -> Opening {
        let draft = request.draft
        let taken = try await self.store.takeIdempotencyKey(
            request.key.text, client: draft.client.id, requestHash: request.fingerprint, caseID: draft.id,
            in: transaction)
        if taken != nil {
            return try await self.answer(
                clientID: draft.client.id, key: request.key, ownCase: draft.id, in: transaction)
        }
        let receipt = self.secrets.receipt(for: draft.id)
        let new = draft.newCase(receiptHash: IntakeSecrets.hash(of: receipt))
        let opened = try await self.store.openCase(new, in: transaction)
        try self.keep(draft.triage, of: draft, in: transaction)
        try self.jobs.post(request.job, in: transaction)
        return Self.opening(new, opened, receipt: receipt)
    }

    static func opening(_ new: NewCase, _ opened: OpenedCase, receipt: Receipt) -> Opening {
        Opening(
            caseID: new.id,
            answer: OpenedAnswer(
                number: new.number.rawValue, receipt: receipt.formatted, ownerStation: opened.ownerStationName,
                firstResponseDueAt: new.firstResponse.dueAt),
            isReplay: false)
    }

    /// What the narrative suggests goes beside the case; where a danger is stated that nobody said yes to, the desk is told
    /// to ask. Nothing of it is a fact of the case.
    func keep(
        _ triage: TriageSealer.Found, of draft: CaseDraft, in transaction: PostgresTransaction
    ) throws {
        guard !triage.suggestions.isEmpty else { return }
        try RiskStore().add(triage.suggestions, to: draft.id, notice: triage.isUrgent, in: transaction)
        guard triage.isUrgent else { return }
        self.jobs.ringAfterCommit([Queues.urgentNotification, Queues.notification], in: transaction)
    }

    private func replay(
        clientID: UUID, key: IdempotencyKey, fingerprint: [UInt8], ownCase: UUID, in transaction: PostgresTransaction
    ) async throws -> Opening {
        // Taken for the lock it writes; see above.
        _ = try await self.store.takeIdempotencyKey(
            key.text, client: clientID, requestHash: fingerprint, caseID: ownCase, in: transaction)
        let opening = try await self.answer(clientID: clientID, key: key, ownCase: ownCase, in: transaction)
        return Opening(caseID: opening.caseID, answer: opening.answer, isReplay: true)
    }

    /// The answer of the case the key stands for. It is a replay unless it is our own, whose COMMIT we did not hear of.
    private func answer(
        clientID: UUID, key: IdempotencyKey, ownCase: UUID, in transaction: PostgresTransaction
    ) async throws -> Opening {
        let earlier = try await self.store.openedCase(client: clientID, key: key.text, on: transaction)
        guard let earlier, let dueAt = earlier.dueAt else {
            throw CaseworkError(code: .unreadableRow, place: "first_response clock")
        }
        return Opening(
            caseID: earlier.caseID,
            answer: OpenedAnswer(
                number: earlier.number.rawValue, receipt: self.secrets.receipt(for: earlier.caseID).formatted,
                ownerStation: earlier.ownerStationName, firstResponseDueAt: dueAt),
            isReplay: earlier.caseID != ownCase)
    }

    // MARK: - Refusals

    private static func problem(for error: any Error) -> any Error {
        guard let refusal = error as? CaseworkError else { return error }
        switch refusal.code {
        case .clientRevoked:
            return HTTPProblem.unauthenticated("This key is not known or was revoked.")
        case .idempotencyKeyReused:
            return HTTPProblem(
                .idempotencyKeyReused, "Use a new Idempotency-Key for a new request, or send the first body again.")
        case .unknownDivision:
            return HTTPProblem.validation([
                FieldError(
                    field: "/division", code: "unknown_division", message: "is not a division of this network")
            ])
        default:
            return error
        }
    }
}
