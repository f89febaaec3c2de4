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

struct NetworkKeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the network's keys, newest first, and how much is sealed to each.",
        discussion: "Example:\n\n  dandelion network key list")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let keyId: String
        let state: String
        let validFrom: Date
        let addedAt: Date
        let texts: Int64
    }

    func run() async throws {
        let rows = try await self.database.withPool { try await NetworkKeyStore().list(on: $0) }.map {
            Row(
                keyId: $0.id, state: $0.state.rawValue, validFrom: $0.signed.statement.validFrom, addedAt: $0.addedAt,
                texts: $0.texts)
        }
        try self.output.show(rows) {
            var table = TextTable(["密钥", "状态", "生效", "登记", "密文"])
            for row in rows {
                table.add([
                    row.keyId, NetworkKeys.chinese(row.state), BeijingTime.full(row.validFrom),
                    BeijingTime.full(row.addedAt), String(row.texts),
                ])
            }
            return table.text(empty: "没有密钥：部门不能发来文字")
        }
    }
}

struct NetworkKeyRetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Takes no more texts that are sealed to a key: it is lost, or somebody else has it.",
        discussion: """
            Add the next key first. What was sealed to it stays, and opens for as long as its private half is kept. A stolen key belongs \
            into agencies' file of onboarding keys, too, as `revoked ID`.

            Example:

              dandelion network key retire 0d7f8c5b...
            """)

    @Argument(help: "The key's id, as `dandelion network key list` shows it.")
    var id: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let id = self.id
        guard try await self.database.withPool({ try await NetworkKeyStore().retire(id, on: $0) }) else {
            throw CommandFailure(
                .badData, "there is no such key in use: \(id.printable); see `dandelion network key list`")
        }
        Terminal.line("nothing that is sealed to \(id) is taken any more")
    }
}

/// Signing, and words.
enum NetworkKeys {
    static func sign(_ publicKey: String, _ onboardingKey: String, from text: String?) throws -> SignedNetworkKey {
        var from = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        if let text {
            // What the parser says names no option.
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

    static func chinese(_ state: String) -> String {
        switch NetworkKeyStore.State(rawValue: state) {
        case .current: "现用"
        case .before: "上一把"
        case .later: "未生效"
        case .over: "停用"
        case .retired: "已撤下"
        case nil: state
        }
    }
}
