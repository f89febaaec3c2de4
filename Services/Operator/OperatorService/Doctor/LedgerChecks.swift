import FoundationEssentials
import Ledger
import PostgresClient

/// Whether the ledger is signed, and how far it is behind.
struct LedgerChecks: Sendable {
    func findings(on executor: some PostgresExecutor) async throws -> [Finding] {
        [Self.finding(try await LedgerStore().health(on: executor), now: Date())]
    }

    /// Entries are to be under a checkpoint within ten seconds.
    static func finding(_ health: LedgerHealth, now: Date) -> Finding {
        let start = "start ledger-signer; if it runs, its log says why it does not sign"
        let signed = health.publishedAt.map {
            "\(health.signedSize) entries signed, the last checkpoint is \(BeijingTime.span(max(0, now.timeIntervalSince($0)))) old"
        }
        let waiting = health.waitingSince.map { now.timeIntervalSince($0) } ?? 0
        if waiting > 60 {
            return .failed(
                "ledger", "\(signed ?? "nothing is signed"), and something has waited for \(BeijingTime.span(waiting))",
                start)
        }
        if !health.hasSigner {
            return .warning("ledger", "no signer is at work; \(signed ?? "nothing is signed yet")", start)
        }
        if waiting > 10 {
            return .warning(
                "ledger",
                "\(signed ?? "nothing is signed yet"), and something has waited for \(BeijingTime.span(waiting))",
                "see the load of the database, and the log of ledger-signer")
        }
        return .ok("ledger", signed ?? "a signer is at work; there is nothing to sign yet")
    }
}
