import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// Brings the agencies of a file into the database, and makes credentials for those that a worker serves. Running it
/// again changes only what the file has changed.
struct AgencyImport: Sendable {
    let file: AgencyFile
    /// Where each agency's credentials go, in a folder named by its code; `nil` for none.
    let credentials: String?

    struct Report: Encodable, Equatable {
        var agencies = 0
        var written = 0
        var withCredentials = 0
        var newKeys = 0
    }

    func run(on pool: PostgresPool) async throws -> Report {
        let entries = try self.file.agencies(in: try await NetworkQueries.tree(on: pool))
        try Self.requireKept(entries, self.file.alliances)
        return try await pool.withTransaction("import_agencies") { transaction in
            var known: [String: KnownAgency] = [:]
            for agency in try await OperatorStore().agencies(on: transaction) {
                known[agency.code] = KnownAgency(agency)
            }
            var report = Report(agencies: entries.count)
            for entry in entries where known[entry.code]?.entry != entry {
                let id = try await AgencyStore().put(NewAgency(entry), on: transaction)
                known[entry.code] = KnownAgency(id: id, entry: entry, liveKeys: known[entry.code]?.liveKeys ?? 0)
                report.written += 1
            }
            try await self.makeCredentials(known, &report, in: transaction)
            return report
        }
    }

    /// The database has no place yet for what only scenarios are decided with; nothing of it is dropped unseen.
    static func requireKept(_ entries: [AgencyEntry], _ alliances: [Alliance]) throws(CommandFailure) {
        let entry = entries.first {
            !$0.services.isEmpty || $0.hours != .workingTime || $0.capacity != nil || $0.status != .active
        }
        if let entry {
            throw CommandFailure(
                .badData, "agency \(entry.code): services, hours, capacity and status are not stored; leave them out")
        }
        if let alliance = alliances.first {
            throw CommandFailure(.badData, "alliance \(alliance.code): alliances are not stored; leave them out")
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
            let files = AgencyCredentials(directory: "\(credentials)/\(behaviour.agency)")
            var new = NewAgency(agency.entry)
            new.publicKey = try files.keyPair().publicKey.bytes
            _ = try await AgencyStore().put(new, on: transaction)
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

    init(id: UUID, entry: AgencyEntry, liveKeys: Int) {
        self.id = id
        self.entry = entry
        self.liveKeys = liveKeys
    }

    init(_ agency: AgencyOverview) {
        self.init(
            id: agency.id,
            entry: AgencyEntry(code: agency.code, kind: agency.kind, name: agency.name, division: agency.division),
            liveKeys: agency.liveKeys)
    }
}

extension NewAgency {
    init(_ entry: AgencyEntry) {
        self.init(code: entry.code, kind: entry.kind, name: entry.name, division: entry.division)
    }
}
