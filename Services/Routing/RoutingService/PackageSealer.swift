import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// Makes the package of a hand-over: opens what the disclosure profile allows, and seals it to the agency's key.
struct PackageSealer: Sendable {
    let cipher: FieldCipher
    let authenticator: SafeContactAuthenticator
    let keys: AgencyKeys
    private let packages = SealedPackageStore()

    /// What of a referral a package depends on.
    struct Order {
        let id: UUID
        let number: ReferralNumber
        let purpose: Purpose
        let profile: DisclosureProfileName
        let legalBasis: String
    }

    init(keyring: FieldKeyring, keys: AgencyKeys) {
        self.keys = keys
        self.cipher = FieldCipher(keyring: keyring)
        self.authenticator = SafeContactAuthenticator(keyring: keyring)
    }

    /// Seals the package; `nil` when there is nothing the package could be made of
    /// or sealed to: one agency's unusable key, or one field that cannot be opened, must not stop the case.
    func seal(
        _ referral: Order, for agency: RoutableAgency, of workspace: CaseWorkspace
    ) throws -> NewSealedPackage? {
        guard let key = self.keys.key(of: agency, at: workspace.now) else { return nil }
        do {
            return try self.seal(referral, to: key, for: agency.agency.id, of: workspace)
        } catch is SealedPackageError {
            return nil
        } catch is FieldCipherError {
            return nil
        } catch is PackageError {
            return nil
        }
    }

    private func seal(
        _ referral: Order, to key: AgencyPublicKey, for agency: UUID, of workspace: CaseWorkspace
    ) throws -> NewSealedPackage {
        let source = try self.source(for: referral, of: workspace)
        let package = try Package.build(profile: referral.profile.rawValue, from: source)
        let sealed = try SealedPackage.seal(
            try package.encoded(), to: key,
            binding: SealedPackage.Binding(
                referralID: referral.id, agencyID: agency, profile: referral.profile.rawValue))
        return NewSealedPackage(sealed, to: key, of: package, referral: referral.id, agency: agency)
    }

    /// The fingerprint of the key that the referral's package is sealed to; `nil` without a package.
    func sealedTo(_ referral: UUID, agency: UUID, in transaction: PostgresTransaction) async throws -> [UInt8]? {
        try await self.packages.describe(referral: referral, agency: agency, on: transaction)?.keyFingerprint
    }

    /// Forgets the package of a referral: nothing of it can be disclosed any more. One that is gone already is no mistake.
    func discard(_ referral: UUID, in transaction: PostgresTransaction) async throws {
        _ = try await self.packages.discard(referral: referral, on: transaction)
    }

    private func source(for referral: Order, of workspace: CaseWorkspace) throws -> PackageSource {
        var people: [PackageSource.Person] = []
        for person in workspace.people {
            people.append(
                PackageSource.Person(
                    role: person.role, name: try self.cipher.open(person.name, .personName, row: person.id),
                    phone: try self.cipher.open(person.phone, .personPhone, row: person.id),
                    email: try self.cipher.open(person.email, .personEmail, row: person.id),
                    birthDate: try self.cipher.open(person.birthDate, .personBirthDate, row: person.id),
                    sex: person.sex?.rawValue, capacity: person.capacity.rawValue, isMinor: person.isMinor,
                    contactRule: self.contactRule(of: person.id, workspace.contactRules[person.id] ?? [])))
        }
        let facts = workspace.facts
        return PackageSource(
            referralNumber: referral.number.rawValue, purpose: referral.purpose.rawValue,
            legalBasis: referral.legalBasis, division: facts.division.rawValue, risk: facts.risk.rawValue,
            riskItems: facts.riskItems.map(\.rawValue).sorted(), categories: facts.categories.map(\.rawValue).sorted(),
            needs: facts.needs.map(\.rawValue).sorted(),
            narrative: try self.cipher.open(workspace.record.narrative, .caseNarrative, row: workspace.record.id),
            people: people, guardianIsSuspected: facts.flags.contains(.guardianSuspected),
            isDomesticViolence: facts.flags.contains(.domesticViolence))
    }

    /// What she said last about how she may be reached. Nothing when that is "never", when she asked to stop, or when a
    /// rule's tag is wrong: then an agency is not told how to reach her.
    private func contactRule(of person: UUID, _ records: [ContactRuleRecord]) -> VerifiedSafeContact? {
        let stored = records.map { record in
            StoredSafeContact(
                rule: SafeContact(
                    id: record.id, personID: record.personID, channel: record.channel, days: record.days,
                    fromMinute: record.fromMinute, toMinute: record.toMinute, neverMention: record.neverMention,
                    codeWordHash: record.codeWord, confirmedAt: record.confirmedAt, expiresAt: record.expiresAt,
                    stoppedAt: record.stoppedAt), tag: record.tag)
        }
        switch self.authenticator.current(stored, of: person) {
        case .success(let rules): return rules.first
        case .failure: return nil
        }
    }
}

extension PackageSealer.Order {
    init(_ referral: NewReferral) {
        self.init(
            id: referral.id, number: referral.number, purpose: referral.purpose, profile: referral.profile,
            legalBasis: referral.legalBasis)
    }

    init(_ referral: ReferralRecord) {
        self.init(
            id: referral.id, number: referral.number, purpose: referral.purpose, profile: referral.profile,
            legalBasis: referral.legalBasis)
    }
}
