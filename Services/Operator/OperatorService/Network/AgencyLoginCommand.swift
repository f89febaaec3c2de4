import AgencyDoors
import ArgumentParser
import FoundationEssentials
import PostgresClient

/// The SQL door of one agency.
struct AgencyLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Opens the SQL door to an agency: a database login of its own.",
        discussion: """
            The login may call the functions of the schema partner and nothing else, and its name decides whose \
            hand-overs they see. The door is off until this is run, and only for an agency with a sealing key. Run again, \
            it gives the login a new password. The server is sent a verifier, never the password.

            Examples:

              dandelion agency login 150104-police --password-to handover/150104-police
              psql "host=… dbname=dandelion user=agency_150104_police" -c "SELECT * FROM partner.lease(10)"
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: ArgumentHelp("Where to write the password, over an earlier one.", valueName: "directory"))
    var passwordTo: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let login: String
        let password: String?
        let passwordFile: String?
    }

    func run() async throws {
        let login = PartnerLogins.name(for: self.code)
        let password = SCRAMVerifier.randomPassword()
        let file = self.passwordTo.map { $0 + "/password" }
        let fresh = file.map { $0 + ".new" }
        if let directory = self.passwordTo, let fresh {
            // On disk before the old one stops working: whatever happens in between, a valid one is at hand.
            try PrivateFile.makeDirectory(directory)
            try PrivateFile.replace(fresh, password + "\n")
        }
        let verifier = SCRAMVerifier(password: password)
        let result = try await self.database.withPool { pool in
            try await PartnerLogins().create(login, for: self.code, verifier: verifier, on: pool)
        }
        guard result == .done else {
            if let fresh { PrivateFile.remove(fresh) }
            throw Self.failure(result, code: self.code)
        }
        if let file { try PrivateFile.replace(file, password + "\n") }
        if let fresh { PrivateFile.remove(fresh) }
        let report = Report(code: self.code, login: login, password: file == nil ? password : nil, passwordFile: file)
        try self.output.show(report) {
            let place = file.map { "password: \($0)" } ?? "password, shown this once: \(password)"
            return "login: \(login)\n\(place)"
        }
    }

    static func failure(_ result: PartnerLogins.Result, code: String) -> CommandFailure {
        let name = code.printable
        let line =
            switch result {
            case .noAgency: "there is no agency \(name); see `dandelion agency list`"
            case .noKey:
                "\(name) has no sealing key: give it one with `dandelion agency rotate \(name) --signed-key …` first"
            case .taken: "another agency's login has this name, or \(name) has one of another name"
            case .noLogin: "\(name) has no login"
            case .unknownWord, .done: "\(name) makes no login's name: codes of up to 55 characters do"
            }
        return CommandFailure(.badData, line)
    }
}

struct AgencyCloseLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close-login", abstract: "Closes the SQL door to an agency.",
        discussion: """
            Its sessions are ended at once. The other doors are not touched.

            Example:

              dandelion agency close-login 150104-police
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let result = try await self.database.withPool { try await PartnerLogins().close(self.code, on: $0) }
        guard result == .done else { throw AgencyLoginCommand.failure(result, code: self.code) }
        print("the SQL door to \(self.code.printable) is closed")
    }
}
