import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// From where an agency's sealing key comes, signed by the onboarding key: a file that was signed elsewhere, or a key that
/// is signed here, on a machine where the onboarding key may be.
struct SealingKeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Its signed key, as `dandelion agency key sign` prints it.", valueName: "file"))
    var signedKey: String?
    @Option(help: ArgumentHelp("A file with its public key in base64, to be signed here.", valueName: "file"))
    var publicKey: String?
    @Option(
        help: ArgumentHelp("The onboarding key that signs here; keep it off this machine otherwise.", valueName: "file")
    )
    var onboardingKey: String?
    @Option(
        help: ArgumentHelp(
            "The onboarding keys that routing believes (DANDELION_ONBOARDING_KEYS_FILE): looked at before anything is "
                + "registered.", valueName: "file"))
    var onboardingKeys: String?

    func validate() throws {
        if self.signedKey != nil && self.publicKey != nil {
            throw ValidationError("Give either --signed-key or --public-key.")
        }
        if self.publicKey != nil && self.onboardingKey == nil {
            throw ValidationError(
                "Nothing is sealed to a key that is not signed: sign it elsewhere with `dandelion agency key sign` and give "
                    + "--signed-key, or here with --onboarding-key.")
        }
    }

    /// The key for this agency; `nil` when none is given.
    /// - Parameter own: a key that was made here.
    func key(
        of agency: String, kind: AgencyKind, division: DivisionCode, own: AgencyPublicKey? = nil
    ) throws -> SignedAgencyKey? {
        let signed: SignedAgencyKey?
        if let signedKey {
            signed = try SealingKeys.read(signedKey)
        } else if let key = try own ?? self.publicKey.map(SealingKeys.publicKey), let onboardingKey {
            signed = try SealingKeys.sign(
                key, of: agency, kind: kind, division: division, validFrom: nil,
                with: OnboardingKey(path: onboardingKey))
        } else {
            signed = nil
        }
        guard let signed else { return nil }
        let statement = signed.statement
        guard statement.agency == agency, statement.kind == kind.rawValue, statement.division == division.rawValue
        else {
            throw CommandFailure(
                .badData,
                "the key is signed for \(statement.agency) (\(statement.kind), \(statement.division)) "
                    + "and not for this agency, kind and division")
        }
        if let trusted = try self.trusted() {
            do throws(OnboardingError) {
                try trusted.verify(statement, signed.signature, at: Date())
            } catch {
                throw CommandFailure(.badData, "\(agency): \(error)")
            }
        }
        return signed
    }

    private func trusted() throws -> OnboardingKeys? {
        let variable = ProcessInfo.processInfo.environment["DANDELION_ONBOARDING_KEYS_FILE"]
        return try (self.onboardingKeys ?? variable).map(SealingKeys.trusted)
    }
}

/// Reading and making what agencies' sealing keys are registered with.
enum SealingKeys {
    static func publicKey(_ file: String) throws -> AgencyPublicKey {
        do {
            return try AgencyPublicKey(base64: try TextFile.secret(file))
        } catch is SealedPackageError {
            throw CommandFailure(.badData, "\(file) must hold an X25519 public key, 32 bytes in base64")
        }
    }

    static func read(_ file: String) throws -> SignedAgencyKey {
        let bytes = try TextFile.bytes(file)
        do throws(OnboardingError) {
            return try SignedAgencyKey(json: bytes)
        } catch {
            throw CommandFailure(.badData, "\(file): \(error)")
        }
    }

    static func trusted(_ file: String) throws -> OnboardingKeys {
        guard let keys = OnboardingKeys(text: try TextFile.read(file)) else {
            throw CommandFailure(
                .configuration,
                "\(file) must hold one or two lines `ed25519 KEY`, and any of `revoked FINGERPRINT`, "
                    + "as `dandelion agency key create` makes it")
        }
        return keys
    }

    /// - Parameter validFrom: the beginning of today when nil: the clocks of two machines differ.
    static func sign(
        _ key: AgencyPublicKey, of agency: String, kind: AgencyKind, division: DivisionCode, validFrom: Date?,
        with onboarding: OnboardingKey
    ) throws -> SignedAgencyKey {
        let today = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        do throws(OnboardingError) {
            return try SignedAgencyKey(
                try AgencyKeyStatement(
                    agency: agency, kind: kind.rawValue, division: division.rawValue, key: key,
                    validFrom: validFrom ?? today), signedBy: onboarding)
        } catch {
            throw CommandFailure(.badData, "\(error)")
        }
    }
}

extension NewAgency {
    /// With the key, if there is one.
    mutating func take(_ key: SignedAgencyKey?) {
        guard let key else { return }
        self.publicKey = key.statement.key.bytes
        self.keySignature = AgencyKeySignature(validFrom: key.statement.validFrom, bytes: key.signature)
    }

    /// Makes or updates it.
    func register(on executor: some PostgresExecutor) async throws -> UUID {
        do {
            return try await AgencyStore().put(self, on: executor)
        } catch let error as CaseworkError where error.code == .notPossible {
            throw CommandFailure(
                .badData,
                "\(self.code) has a key that was signed later; have this one signed anew if it is the right one")
        }
    }
}
