import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import NIOConcurrencyHelpers
import PostgresClient

/// Requests that go in rounds, by whose they are and under which key.
typealias OpeningRounds = TransactionRounds<ClientKey, OpeningRequest, OpeningFate>

/// What a round has done for a request.
enum OpeningFate: Sendable {
    case opened(Opening)
    /// Nothing: it goes alone from its beginning.
    case untouched
    /// It was opened, if the COMMIT that nobody heard of took effect.
    case unknown(PostgresError)
}

/// An idempotency key, which belongs to its client.
struct ClientKey: Hashable, Sendable {
    let client: UUID
    let key: String
}

/// A request for help that is to be opened once.
struct OpeningRequest: Sendable {
    let draft: CaseDraft
    let key: IdempotencyKey
    let fingerprint: [UInt8]
    /// The case's first job, which belongs to the trace of its request, whatever transaction enqueues it.
    let job: JobRequest

    init(_ draft: CaseDraft, key: IdempotencyKey, fingerprint: [UInt8]) throws {
        self.draft = draft
        self.key = key
        self.fingerprint = fingerprint
        self.job = try JobRequest(
            CaseOpened(caseID: draft.id), queue: Queues.routing, priority: draft.facts.risk.jobPriority)
    }

    var clientKey: ClientKey { ClientKey(client: self.draft.client.id, key: self.key.text) }

    /// Danger goes at once and alone, whether it was said or reads so.
    var mayGoTogether: Bool { self.draft.facts.risk.jobPriority > 0 && !self.draft.triage.isUrgent }
}

/// The keys of the requests that are being opened. One that comes a second time meanwhile has to wait for the first, and no
/// round is to wait with it.
final class KeysUnderWay: Sendable {
    private let keys = NIOLockedValueBox<Set<ClientKey>>([])

    /// False when the key is under way already.
    func enter(_ key: ClientKey) -> Bool {
        self.keys.withLockedValue { $0.insert(key).inserted }
    }

    func leave(_ key: ClientKey) {
        self.keys.withLockedValue { _ = $0.remove(key) }
    }
}
