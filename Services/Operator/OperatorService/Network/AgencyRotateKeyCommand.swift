import ArgumentParser
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct AgencyRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Gives an agency a fresh bearer key and revokes the others.",
        discussion: """
            With --keep-old the old keys stay valid until the next rotation, so that the agency can change over \
            without a pause.

            Example:

              dandelion agency rotate-key 150104-police --key-to handover/150104-police
              dandelion agency rotate-key 150104-police --keep-old --scope read --days 90
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: ArgumentHelp("Where to write the key, over an earlier one.", valueName: "directory"))
    var keyTo: String?
    @Flag(help: "Revoke nothing.")
    var keepOld = false
    @Option(
        help: ArgumentHelp(
            "What the key is good for: read, hand_overs, reports; may be given several times. Everything if left out.",
            valueName: "scope"),
        transform: { word in
            guard let scope = AgencyScope(rawValue: word) else {
                throw ValidationError("a scope is read, hand_overs or reports")
            }
            return scope
        })
    var scope: [AgencyScope] = []
    @Option(
        help: ArgumentHelp("After so many days, 1 to 3650, it ends by itself. Never if left out.", valueName: "number"))
    var days: Int?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let key: String?
        let keyFile: String?
        let revoked: Int
    }

    func validate() throws {
        if let days, !(1...3650).contains(days) { throw ValidationError("--days must be from 1 to 3650.") }
    }

    func run() async throws {
        let key = BearerKey(for: .agency)
        let files = self.keyTo.map(AgencyCredentials.init(directory:))
        let fresh = files.map { $0.keyPath + ".new" }
        if let files, let fresh {
            // On disk before the old key is revoked: whatever happens in between, a valid key is at hand.
            try PrivateFile.makeDirectory(files.directory)
            try PrivateFile.replace(fresh, key.text + "\n")
        }
        let revoked = try await self.database.withPool { pool in
            try await pool.withTransaction("rotate_agency_key") { transaction in
                try await self.rotate(to: key, in: transaction)
            }
        }
        if let files { try PrivateFile.replace(files.keyPath, key.text + "\n") }
        if let fresh { PrivateFile.remove(fresh) }
        let report = Report(
            code: self.code, key: files == nil ? key.text : nil, keyFile: files?.keyPath, revoked: revoked)
        try self.output.show(report) {
            let place = report.keyFile.map { "bearer key: \($0)" } ?? "bearer key, shown this once: \(key.text)"
            return "\(place)\n\(revoked) earlier keys revoked"
        }
    }

    private func rotate(to key: BearerKey, in transaction: PostgresTransaction) async throws -> Int {
        guard let agency = try await OperatorStore().agencies(on: transaction).first(where: { $0.code == self.code })
        else {
            throw CommandFailure(.badData, "there is no agency \(self.code.printable); see `dandelion agency list`")
        }
        let id = try await AgencyStore().addKey(
            agency: agency.id, keyHash: key.hash, label: "rotation",
            scopes: self.scope.isEmpty ? Set(AgencyScope.allCases) : Set(self.scope),
            expiresAt: self.days.map { Date().addingTimeInterval(Double($0) * 86_400) }, on: transaction)
        return self.keepOld ? 0 : try await AgencyStore().revokeKeys(of: agency.id, except: id, on: transaction)
    }
}
