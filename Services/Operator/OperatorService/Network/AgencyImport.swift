import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// Brings the agencies of a file into the database, and makes credentials for those that a worker serves. Running it
/// again changes only what the file has changed.
struct AgencyImport: Sendable {
    let file: AgencyFile
    /// Where each agency's credentials go, in a folder named by its code, and what signs its key; `nil` for none.
    let credentials: Credentials?

    struct Credentials: Sendable {
        let directory: String
        let onboarding: OnboardingKey
    }

    struct Report: Encodable, Equatable {
        var agencies = 0
        var written = 0
        var withCredentials = 0
        var newKeys = 0
        var alliances = 0
    }

    func run(on pool: PostgresPool) async throws -> Report {
        let entries = try self.file.agencies(in: try await NetworkQueries.tree(on: pool))
        return try await pool.withTransaction("import_agencies") { transaction in
            var known: [String: KnownAgency] = [:]
            let details = try await NetworkQueries.agencyDetails(on: transaction)
            for agency in try await OperatorStore().agencies(on: transaction) {
                known[agency.code] = KnownAgency(agency, details[agency.code])
            }
            var report = Report(agencies: entries.count)
            let changed = entries.filter { entry in known[entry.code].map { $0.differs(from: entry) } ?? true }
            for entry in changed {
                let id = try await AgencyStore().put(NewAgency(entry), on: transaction)
                if entry.status == .suspended {
                    _ = try await AgencyStore().setStatus(.suspended, code: entry.code, on: transaction)
                }
                known[entry.code] = KnownAgency(
                    id: id, entry: entry, liveKeys: known[entry.code]?.liveKeys ?? 0,
                    signature: known[entry.code]?.signature)
                report.written += 1
            }
            // After all of them are there: one may stand above another that comes first.
            for entry in changed {
                do {
                    try await AgencyStore().putDetails(of: entry, on: transaction)
                } catch let error as CaseworkError where error.code == .notPossible {
                    throw CommandFailure(.badData, "agency \(entry.code): superior \(entry.superior ?? "") is below it")
                }
            }
            for alliance in self.file.alliances {
                do {
                    try await AgencyStore().put(alliance, on: transaction)
                } catch let error as CaseworkError where error.code == .unknownDivision {
                    throw CommandFailure(.badData, "alliance \(alliance.code): a member is no division of this network")
                }
                report.alliances += 1
            }
            try await self.makeCredentials(known, &report, in: transaction)
            return report
        }
    }

    private func makeCredentials(
        _ known: [String: KnownAgency], _ report: inout Report, in transaction: PostgresTransaction
    ) async throws {
        guard let credentials = self.credentials else { return }
        for behaviour in self.file.behaviours {
            guard let agency = known[behaviour.agency] else {
                throw CommandFailure(.badData, "workers: there is no agency \(behaviour.agency)")
            }
            let files = AgencyCredentials(directory: "\(credentials.directory)/\(behaviour.agency)")
            var new = NewAgency(agency.entry)
            new.take(try agency.key(try files.keyPair().publicKey, signedBy: credentials.onboarding))
            _ = try await new.register(on: transaction)
            let isNew = try await files.register(
                agency: agency.id, code: behaviour.agency, liveKeys: agency.liveKeys, label: "import", in: transaction)
            try files.write(behaviour)
            report.withCredentials += 1
            report.newKeys += isNew ? 1 : 0
        }
    }
}

/// What the import needs to know of an agency that is there.
private struct KnownAgency: Sendable {
    let id: UUID
    let entry: AgencyEntry
    let liveKeys: Int
    /// What signs the key that it has now.
    var signature: AgencyKeySignature?

    init(id: UUID, entry: AgencyEntry, liveKeys: Int, signature: AgencyKeySignature?) {
        self.id = id
        self.entry = entry
        self.liveKeys = liveKeys
        self.signature = signature
    }

    /// The key, signed; `nil` when the database has it with a good signature. A signature of another day would be a change.
    func key(_ key: AgencyPublicKey, signedBy onboarding: OnboardingKey) throws -> SignedAgencyKey? {
        if let signature {
            let statement = try AgencyKeyStatement(
                agency: self.entry.code, kind: self.entry.kind.rawValue, division: self.entry.division.rawValue,
                key: key,
                validFrom: signature.validFrom)
            do throws(OnboardingError) {
                try onboarding.trusted.verify(statement, signature.bytes, at: Date())
                return nil
            } catch {
                // It is another key, or an older onboarding key's: signed anew below.
            }
        }
        return try SealingKeys.sign(
            key, of: self.entry.code, kind: self.entry.kind, division: self.entry.division, validFrom: nil,
            with: onboarding)
    }

    /// Whether the file says something else. That an operator suspended the agency stands: only `dandelion agency resume`
    /// takes it back.
    func differs(from entry: AgencyEntry) -> Bool {
        var known = self.entry
        if entry.status == .active { known.status = .active }
        return known != entry
    }

    init(_ agency: AgencyOverview, _ details: AgencyDetails?) {
        var entry = AgencyEntry(code: agency.code, kind: agency.kind, name: agency.name, division: agency.division)
        entry.status = agency.status
        entry.services = details?.services ?? []
        entry.hours = details?.hours ?? .workingTime
        entry.capacity = details?.capacity
        entry.superior = details?.superior
        self.init(id: agency.id, entry: entry, liveKeys: agency.liveKeys, signature: agency.keySignature)
    }
}

extension NewAgency {
    init(_ entry: AgencyEntry) {
        self.init(code: entry.code, kind: entry.kind, name: entry.name, division: entry.division)
    }
}
