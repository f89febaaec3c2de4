import Casework
import CaseworkStore
import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import Safeguarding

/// To which agencies' keys something may be sealed: those that an onboarding key has signed. What the database alone says
/// is not believed.
final class AgencyKeys: Sendable {
    /// A row's key with all that was signed with it.
    private struct Registered: Hashable {
        let statement: AgencyKeyStatement
        let signature: [UInt8]
    }

    private struct State {
        var trusted: OnboardingKeys
        /// Signatures that were looked at and are good: looking costs as much as sealing.
        var good: Set<Registered> = []
        /// What was complained of already.
        var told: Set<UUID> = []
    }

    private static let most = 16_384

    private let logger: Logger
    private let state: NIOLockedValueBox<State>

    init(_ trusted: OnboardingKeys, logger: Logger) {
        self.logger = logger
        self.state = NIOLockedValueBox(State(trusted: trusted))
    }

    /// From now on these are believed: what was good by others is looked at anew. `false` when they are believed already.
    @discardableResult
    func trust(_ keys: OnboardingKeys) -> Bool {
        self.state.withLockedValue { state in
            guard state.trusted != keys else { return false }
            state = State(trusted: keys)
            return true
        }
    }

    /// The agency's key; `nil` when it has none that can be used at that moment. Somebody calls the agency then: nobody's
    /// case waits for a key.
    func key(of agency: RoutableAgency, at now: Date) -> AgencyPublicKey? {
        guard let bytes = agency.publicKey else { return nil }
        do {
            let key = try AgencyPublicKey(bytes: bytes)
            try self.verify(key, of: agency, at: now)
            self.state.withLockedValue { _ = $0.told.remove(agency.agency.id) }
            return key
        } catch {
            self.complain(of: agency.agency.id, error)
            return nil
        }
    }

    private func verify(_ key: AgencyPublicKey, of agency: RoutableAgency, at now: Date) throws {
        guard let stored = agency.keySignature else { throw OnboardingError.notSigned }
        let registered = Registered(
            statement: try AgencyKeyStatement(
                agency: agency.agency.code, kind: agency.agency.kind.rawValue,
                division: agency.agency.division.rawValue, key: key, validFrom: stored.validFrom),
            signature: stored.bytes)
        let (trusted, isGood) = self.state.withLockedValue { ($0.trusted, $0.good.contains(registered)) }
        if isGood { return }
        try trusted.verify(registered.statement, registered.signature, at: now)
        self.state.withLockedValue { state in
            // Others may be believed since: then it was not they who said so.
            guard state.trusted == trusted else { return }
            if state.good.count >= Self.most { state.good = [] }
            state.good.insert(registered)
        }
    }

    /// Once for an agency until its key is good again, however many cases come.
    private func complain(of agency: UUID, _ error: any Error) {
        let isNew = self.state.withLockedValue { $0.told.insert(agency).inserted }
        guard isNew else { return }
        let reason =
            switch error as? OnboardingError {
            case .notYetValid: "not_yet_valid"
            case .revoked: "revoked"
            case .notSigned, .badStatement, .malformed: "not_signed"
            case nil: "unusable"
            }
        self.logger.error(
            "Agency's key not trusted, nothing is sealed to it",
            metadata: ["agency.id": "\(agency.uuidString.lowercased())", "key.fault": "\(reason)"])
    }
}
