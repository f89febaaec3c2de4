import FoundationEssentials
import Safeguarding

/// Whether agencies can say anything in words, and whether what they seal to is the network's.
struct NetworkKeyChecks: Sendable {
    /// The onboarding keys' file; `nil` when it is not known.
    let file: String?

    func finding(_ keys: [NetworkKeyStore.Listed], now: Date) -> Finding {
        let check = "network key"
        guard let current = keys.first(where: { $0.state == .current }) else {
            return .warning(
                check, "there is none, so agencies can say nothing in words",
                "`dandelion network key create` where texts are read, then `sign` and `add`")
        }
        guard let file else {
            return .warning(
                check, "\(current.id) is current; its signature was not looked at",
                "name the onboarding keys' file with --onboarding-keys, on a machine that has it")
        }
        do {
            let trusted = try SealingKeys.trusted(file)
            for key in keys where key.state == .current || key.state == .before {
                guard let signed = key.signed else { throw OnboardingError.notSigned }
                try trusted.verify(signed.statement, signed.signature, at: now)
            }
        } catch {
            let reason = (error as? OnboardingError).map(\.description) ?? CommandFailure(error).reason
            return .failed(
                check, "what agencies seal to is not signed as it stands: \(reason)",
                "see `dandelion events` for who changed it; `dandelion network key retire` it, and add the network's own"
            )
        }
        return .ok(check, "\(current.id) is current and signed by an onboarding key that \(file) trusts")
    }
}
