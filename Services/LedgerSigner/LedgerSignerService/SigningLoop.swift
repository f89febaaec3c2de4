import Ledger
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceKit
import ServiceLifecycle

/// Signs round after round. A database that is away is waited for; a log that contradicts what was signed ends the process,
/// since whatever it signed next would be a second history.
struct SigningLoop: Service {
    let signer: LogSigner
    /// Between two rounds: what is committed is under a checkpoint after one of these and the round itself.
    let interval: Duration
    let metrics: MetricsRegistry
    let logger: Logger

    func run() async throws {
        let signed = NIOLockedValueBox(0.0)
        self.metrics.observeGauge(
            "ledger_signed_entries", help: "Entries under the latest checkpoint this process knows."
        ) {
            signed.withLockedValue { $0 }
        }
        try await cancelWhenGracefulShutdown {
            var wasLeader: Bool?
            while !Task.isCancelled {
                do {
                    let round = try await self.signer.round()
                    signed.withLockedValue { $0 = Double(round.signedSize) }
                    if round.isLeader != wasLeader {
                        self.logger.info(
                            round.isLeader ? "Signs the ledger" : "Another process signs the ledger: standing by",
                            metadata: ["ledger.signed": "\(round.signedSize)"])
                        wasLeader = round.isLeader
                    }
                    if round.taken > 0 {
                        self.logger.debug(
                            "Ledger signed",
                            metadata: ["ledger.taken": "\(round.taken)", "ledger.signed": "\(round.signedSize)"])
                    }
                } catch let error as LedgerError {
                    throw ServiceExit(.unavailable, Self.end(error))
                } catch is CancellationError {
                    break
                } catch {
                    guard !Task.isCancelled else { break }
                    self.logger.warning("Ledger not signed; trying again", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
        try? await self.signer.resign()  // Best effort: a lease that nobody gives back runs out.
    }

    /// What the operator is told. The runbook is deploy/decisions/0016-ledger.md.
    static func end(_ error: LedgerError) -> String {
        switch error {
        case .contradiction:
            """
            the ledger is not signed any further: \(error). Keep the database and the file of the last signed checkpoint as \
            they are, and see deploy/decisions/0016-ledger.md
            """
        default: "the ledger is not signed any further: \(error)"
        }
    }
}
