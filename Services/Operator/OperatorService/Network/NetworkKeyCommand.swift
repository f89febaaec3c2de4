import ArgumentParser
import FoundationEssentials
import PostgresClient
import Safeguarding

struct NetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network", abstract: "What belongs to the whole network.", subcommands: [NetworkKeyCommand.self])
}

/// The keys that agencies seal their texts to.
struct NetworkKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The network's own key, which agencies seal to what they say in words.",
        discussion: """
            Its private half opens what agencies wrote (`dandelion case text`) and is kept by those who read, in a file; no service has \
            it. Its public half stands in the database, signed by the onboarding key, so that an agency can tell it from one \
            that somebody put there. To replace it, make, sign and add another: agencies seal to the new one from its day on, the one \
            before is still taken, and older texts open for as long as their private key is kept.
            """,
        subcommands: [
            NetworkKeyCreateCommand.self, NetworkKeySignCommand.self, NetworkKeyAddCommand.self,
            NetworkKeyListCommand.self, NetworkKeyRetireCommand.self,
        ])
}

struct NetworkKeyCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a key pair, where it is going to be read with.",
        discussion: """
            Makes network-key-ID.json, of mode 0600, which opens texts, and network-key-ID.pub, to be signed; ID is the beginning of \
            the key's fingerprint. No database is needed. Keep a copy of the first apart from the database's backups: without it what \
            was sealed to it is lost.

            Example:

              dandelion network key create --directory /etc/dandelion/network-keys
            """)

    @Option(help: "Where the files are.")
    var directory: String
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let keyId: String
        let privateKey: String
        let publicKey: String
    }

    func run() async throws {
        try PrivateFile.makeDirectory(self.directory)
        let pair = try AgencyKeyPair.generate()
        let id = pair.publicKey.fingerprintText
        let name = "\(self.directory)/network-key-\(id.prefix(16))"
        try pair.create(path: "\(name).json")
        try PrivateFile.create("\(name).pub", "\(pair.publicKey)\n")
        let report = Report(keyId: id, privateKey: "\(name).json", publicKey: "\(name).pub")
        try self.output.show(report) {
            "made \(report.privateKey)\nmade \(report.publicKey)\nthe key's id is \(id); next `dandelion network key sign`"
        }
    }
}

struct NetworkKeySignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Signs the network's public key, offline, and prints it signed.",
        discussion: """
            No database is needed.

            Example:

              dandelion network key sign --public-key network-key-0123456789abcdef.pub \\
                --onboarding-key /media/offline/onboarding-key > network-key.signed
            """)

    @Option(help: ArgumentHelp("The file with the public key.", valueName: "file"))
    var publicKey: String
    @Option(help: ArgumentHelp("The onboarding key.", valueName: "file"))
    var onboardingKey: String
    @Option(
        help: ArgumentHelp(
            "From when on it is valid, such as 2026-12-01T00:00:00Z; today if left out.", valueName: "time"))
    var validFrom: String?

    func run() async throws {
        Terminal.line(try NetworkKeys.sign(self.publicKey, self.onboardingKey, from: self.validFrom).json())
    }
}

struct NetworkKeyAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Has agencies seal to a signed key from its day on.",
        discussion: """
            Examples:

              dandelion network key add network-key.signed --onboarding-keys onboarding-key.pub
            """)

    @Argument(help: ArgumentHelp("The signed key, as `dandelion network key sign` prints it.", valueName: "file"))
    var signedKey: String
    @Option(
        help: ArgumentHelp(
            "The onboarding keys that agencies are given: looked at before anything is added.", valueName: "file"))
    var onboardingKeys: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let bytes = try TextFile.bytes(self.signedKey)
        let trusted = try SealingKeys.trusted(self.onboardingKeys)
        let signed: SignedNetworkKey
        do throws(OnboardingError) {
            signed = try SignedNetworkKey(json: bytes)
            // A key whose day is still to come is added ahead of it.
            try trusted.verify(signed.statement, signed.signature, at: max(Date(), signed.statement.validFrom))
        } catch {
            throw CommandFailure(.badData, "\(self.signedKey): \(error)")
        }
        let id = signed.statement.key.fingerprintText
        switch try await self.database.withPool({ try await NetworkKeyStore().add(signed, on: $0) }) {
        case .done: Terminal.line("agencies seal to \(id) from \(signed.statement.validFrom.formatted(.iso8601)) on")
        case .known: Terminal.line("\(id) is there already; nothing was changed")
        case .older:
            throw CommandFailure(
                .badData, "there is a key that was signed for a later day; have this one signed anew to put it back")
        }
    }
}

/// Signing the network's key.
enum NetworkKeys {
    static func sign(_ publicKey: String, _ onboardingKey: String, from text: String?) throws -> SignedNetworkKey {
        var from = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        if let text {
            // What the parser says of a wrong time names no option.
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw CommandFailure(.usage, "--valid-from looks like 2026-12-01T00:00:00Z")
            }
            from = date
        }
        let statement = NetworkKeyStatement(key: try SealingKeys.publicKey(publicKey), validFrom: from)
        let key = try OnboardingKey(path: onboardingKey)
        do throws(OnboardingError) {
            return try SignedNetworkKey(statement, signedBy: key)
        } catch {
            throw CommandFailure(.badData, "\(error)")
        }
    }
}
