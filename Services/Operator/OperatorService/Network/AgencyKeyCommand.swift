import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// The keys packages are sealed to, and the one that vouches for them.
struct AgencyKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The sealing keys of agencies, and the onboarding key that signs them.",
        discussion: """
            Routing seals to no key that the onboarding key has not signed, so that whoever can write to the database \
            cannot put a key of his own into an agency's place. The onboarding key belongs on a machine of its own.
            """,
        subcommands: [AgencyKeyCreateCommand.self, AgencyKeySignCommand.self, AgencyKeyRemoveCommand.self])
}

struct AgencyKeyCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes the onboarding key, offline.",
        discussion: """
            Makes onboarding-key, of mode 0600, which signs, and onboarding-key.pub, which routing is given \
            (DANDELION_ONBOARDING_KEYS_FILE). A key that is there is never overwritten. To replace it: make another, put both \
            public lines into routing's file, sign every agency's key anew, then take the old line out. A line `revoked \
            FINGERPRINT` in that file takes an agency's key back whoever signed it. Routing reads the \
            file again within seconds of a change.

            Example:

              dandelion agency key create --directory /media/offline
            """)

    @Option(help: "Where the files are.")
    var directory: String
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let path: String
        let isNew: Bool
    }

    func run() async throws {
        let rows = try OnboardingKey.create(directory: self.directory).map { Row(path: $0.path, isNew: $0.isNew) }
        try self.output.show(rows) {
            rows.map { $0.isNew ? "made \($0.path)" : "kept \($0.path)" }.joined(separator: "\n")
        }
    }
}

struct AgencyKeySignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Signs an agency's public key, offline, and prints it signed.",
        discussion: """
            No database is needed. Sign only a key that you had from the agency itself: read its fingerprint to each other. \
            What is signed is the key together with the agency's code, kind and division.

            Example:

              dandelion agency key sign 150104-police --kind police --division 150104 --public-key police.pub \\
                --onboarding-key /media/offline/onboarding-key > police.signed
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: "Its kind, such as police or legal_aid_centre.")
    var kind: String
    @Option(help: "The division it serves.")
    var division: String
    @Option(help: ArgumentHelp("A file with its public key in base64.", valueName: "file"))
    var publicKey: String
    @Option(help: ArgumentHelp("The onboarding key.", valueName: "file"))
    var onboardingKey: String
    @Option(
        help: ArgumentHelp(
            "From when on it is valid, such as 2026-12-01T00:00:00Z; today if left out.", valueName: "time"))
    var validFrom: String?

    func run() async throws {
        var from: Date?
        if let validFrom {
            // What the parser says names no option.
            guard let date = try? Date(validFrom, strategy: .iso8601) else {
                throw CommandFailure(.usage, "--valid-from looks like 2026-12-01T00:00:00Z")
            }
            from = date
        }
        let signed = try SealingKeys.sign(
            try SealingKeys.publicKey(self.publicKey), of: self.code, kind: AgencyKind(rawValue: self.kind),
            division: try DivisionArgument.parse(self.division), validFrom: from,
            with: try OnboardingKey(path: self.onboardingKey))
        Terminal.line(try signed.json())
    }
}

struct AgencyKeyRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes an agency's sealing key away: it is lost, or somebody else has it.",
        discussion: """
            Nothing is sealed to it any more, and what was sealed and not answered yet is discarded; each is an event of its \
            case, and the owner's desk calls the agency. `dandelion agency rotate` registers the next key. A stolen key \
            belongs into routing's file of onboarding keys, too, as `revoked FINGERPRINT`.

            Example:

              dandelion agency key remove 150104-police
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let code = self.code
        guard try await self.database.withPool({ try await AgencyStore().removeKey(code: code, on: $0) }) else {
            throw CommandFailure(.badData, "there is no agency \(code.printable); see `dandelion agency list`")
        }
        Terminal.line("\(code) has no sealing key; staff call it until it has another")
    }
}

struct AgencyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Gives an agency a fresh sealing key.",
        discussion: """
            What it has not answered yet is sealed to the new key, and each package that was is an event of its case. So it is \
            after a loss, too: the old key is not needed. A key that was signed earlier than the one there is not put back.

            Examples:

              dandelion agency rotate 150104-police --signed-key police.signed
              dandelion agency rotate 150104-police --public-key police.pub --onboarding-key /media/offline/onboarding-key
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @OptionGroup var sealing: SealingKeyOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let fingerprint: String
    }

    func validate() throws {
        guard self.sealing.signedKey != nil || self.sealing.publicKey != nil else {
            throw ValidationError("Give the new key: --signed-key, or --public-key with --onboarding-key.")
        }
    }

    func run() async throws {
        let report = try await self.database.withPool { pool in
            try await pool.withTransaction("rotate_sealing_key") { transaction in
                let agencies = try await OperatorStore().agencies(on: transaction)
                guard let agency = agencies.first(where: { $0.code == self.code }) else {
                    throw CommandFailure(
                        .badData, "there is no agency \(self.code.printable); see `dandelion agency list`")
                }
                guard let key = try self.sealing.key(of: agency.code, kind: agency.kind, division: agency.division)
                else {
                    throw CommandFailure(.usage, "give the new key")
                }
                var new = NewAgency(
                    code: agency.code, kind: agency.kind, name: agency.name, division: agency.division)
                new.take(key)
                _ = try await new.register(on: transaction)
                return Report(code: agency.code, fingerprint: key.statement.key.fingerprintText)
            }
        }
        try self.output.show(report) {
            "\(report.code) has the sealing key \(report.fingerprint); what waits for it is sealed to it"
        }
    }
}
