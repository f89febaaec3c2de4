import CaseworkStore
import FoundationEssentials
import JobQueue
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceKit

/// Requests that come at the same moment, opened in one transaction: keys, cases, people, clocks and events of all with one
/// statement each. Whoever comes while none is under way waits for nobody, and danger is in no round.
///
/// A round does only what is usual and waits for nobody long. Whatever would have another answer than a new case leaves it
/// before anything is written for it, and whatever goes wrong undoes all of it; then each goes alone: one request never decides
/// about another.
extension CaseOpening {
    /// More do not wait for rounds. Many that go alone cost several times what they cost together: whoever sent them there as soon as
    /// a few rounds were full made a busy service a slow one.
    private static var mostGathered: Int { 1000 }
    /// Where the rounds do not get on in that time, the pool says so, or refuses.
    private static var patience: Duration { .seconds(5) }

    /// Opens the case in a round; nil when it has to go alone.
    /// - Throws: `PostgresError.commitOutcomeUnknown`.
    func together(_ request: OpeningRequest) async throws(PostgresError) -> Opening? {
        guard let rounds = self.rounds, request.mayGoTogether, rounds.gathered < Self.mostGathered else { return nil }
        let part = OpeningRounds.Part(request.clientKey, kind: "open_case", request)
        switch await rounds.take(part, patience: Self.patience, self.openRound) {
        case .opened(let opening): return opening
        case .untouched: return nil
        case .unknown(let error): throw error
        }
    }

    @Sendable private func openRound(_ parts: [OpeningRounds.Part]) async -> [ClientKey: OpeningFate] {
        // Of the others it is certain that they were not opened here.
        let written = NIOLockedValueBox<Set<UUID>>([])
        do {
            let openings = try await self.transact { transaction in
                let openings = try await self.run(parts.map(\.item), in: transaction)
                written.withLockedValue { $0 = Set(openings.map(\.caseID)) }
                return openings
            }
            let byCase = Dictionary(uniqueKeysWithValues: openings.map { ($0.caseID, $0) })
            return parts.reduce(into: [:]) { $0[$1.key] = byCase[$1.item.draft.id].map(OpeningFate.opened) }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            let written = written.withLockedValue { $0 }
            return parts.reduce(into: [:]) { fates, part in
                if written.contains(part.item.draft.id) { fates[part.key] = .unknown(error) }
            }
        } catch {
            // Each finds out for itself what is wrong, and says so.
            self.logger.debug(
                "A round was undone; its requests go one by one",
                metadata: ["request.count": "\(parts.count)", "error": "\(SafeDiagnosis.of(error))"])
            return [:]
        }
    }

    /// Opens what can be opened without anything unusual.
    private func run(_ requests: [OpeningRequest], in transaction: PostgresTransaction) async throws -> [Opening] {
        let new = requests.map { request in
            let receipt = self.secrets.receipt(for: request.draft.id)
            return (request, receipt, request.draft.newCase(receiptHash: IntakeSecrets.hash(of: receipt)))
        }
        let opened = try await self.store.openCases(
            new.map { request, _, new in
                (case: new, key: OpeningKey(request.key.text, requestHash: request.fingerprint))
            }, in: transaction)
        var openings: [Opening] = []
        for (request, receipt, new) in new {
            guard let opened = opened[new.id] else { continue }
            try self.keep(request.draft.triage, of: request.draft, in: transaction)
            openings.append(Self.opening(new, opened, receipt: receipt))
        }
        let jobs = requests.filter { opened[$0.draft.id] != nil }.map(\.job)
        if jobs.count == 1, let only = jobs.first {
            try self.jobs.post(only, in: transaction)
        } else {
            try self.jobs.post(jobs, in: transaction)
        }
        return openings
    }
}
