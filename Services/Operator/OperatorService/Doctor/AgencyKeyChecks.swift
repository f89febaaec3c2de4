import Casework
import CaseworkStore
import FoundationEssentials
import Safeguarding

/// Whether the keys that agencies are registered with are the ones that were signed: routing seals to no other.
struct AgencyKeyChecks: Sendable {
    /// The onboarding keys' file; `nil` when it is not known.
    let file: String?

    func finding(_ agencies: [AgencyOverview], now: Date) -> Finding {
        let check = "agency keys"
        guard let file else {
            let unsigned = agencies.filter { $0.hasKey && $0.keySignature == nil }.map(\.code)
            guard unsigned.isEmpty else { return Self.untrusted(unsigned) }
            return .warning(
                check, "signatures not looked at",
                "name routing's DANDELION_ONBOARDING_KEYS_FILE with --onboarding-keys, on a machine that has it")
        }
        let trusted: OnboardingKeys
        do {
            trusted = try SealingKeys.trusted(file)
        } catch {
            return .failed(
                check, CommandFailure(error).reason, "take onboarding-key.pub as `dandelion agency key create` made it")
        }
        let bad = agencies.filter { $0.hasKey && !Self.isGood($0, trusted, now: now) }.map(\.code)
        guard bad.isEmpty else { return Self.untrusted(bad) }
        return .ok(check, "every agency's key is signed by an onboarding key that \(file) trusts")
    }

    private static func untrusted(_ codes: [String]) -> Finding {
        let shown = codes.prefix(10).joined(separator: ", ")
        return .failed(
            "agency keys",
            "\(codes.count) are not signed as they stand, so nothing is sealed to them and staff call: "
                + (codes.count > 10 ? "\(shown), …" : shown),
            "see `dandelion events` for who changed them; then `dandelion agency key sign` and `dandelion agency rotate`"
        )
    }

    private static func isGood(_ agency: AgencyOverview, _ trusted: OnboardingKeys, now: Date) -> Bool {
        guard let bytes = agency.publicKey, let signature = agency.keySignature else { return false }
        do {
            let statement = try AgencyKeyStatement(
                agency: agency.code, kind: agency.kind.rawValue, division: agency.division.rawValue,
                key: try AgencyPublicKey(bytes: bytes), validFrom: signature.validFrom)
            try trusted.verify(statement, signature.bytes, at: now)
            return true
        } catch {
            return false
        }
    }
}
