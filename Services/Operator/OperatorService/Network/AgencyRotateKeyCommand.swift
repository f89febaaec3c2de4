import ArgumentParser
import CaseworkStore
import PostgresClient

struct AgencyRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Gives an agency a fresh bearer key and revokes the others.",
        discussion: """
            With --keep-old the old keys stay valid until the next rotation, so that the agency can change over \
            without a pause.

            Example:

              dandelion agency rotate-key 150104-police --key-to handover/150104-police
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: ArgumentHelp("Where to write the key, over an earlier one.", valueName: "directory"))
    var keyTo: String?
    @Flag(help: "Revoke nothing.")
    var keepOld = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let key: String?
        let keyFile: String?
        let revoked: Int
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
            agency: agency.id, keyHash: key.hash, label: "rotation", on: transaction)
        return self.keepOld ? 0 : try await AgencyStore().revokeKeys(of: agency.id, except: id, on: transaction)
    }
}
