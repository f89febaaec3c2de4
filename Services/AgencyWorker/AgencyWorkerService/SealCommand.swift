import ArgumentParser
import DandelionAgency
import FoundationEssentials
import Glibc

/// Seals a text for whoever speaks to the network with curl, psql or a system of their own.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Seals a text to the network's key, as the doors take it.",
        discussion: """
            Reads the text from standard input and prints one line of JSON: the field `text` of an answer or report at the HTTP door; \
            at the SQL door key_id, sealed (base64) and attachments are three arguments. The text leaves this process sealed.

            The network's key is asked for at the gateway (DANDELION_GATEWAY_URL, DANDELION_AGENCY_KEY_FILE), or read from a file that \
            holds `SELECT to_json(k) FROM partner.network_key() AS k`. DANDELION_ONBOARDING_KEYS_FILE, the network's \
            onboarding-key.pub, says whether it is the network's; without it that is not known, and said.

            Example:

              agency-worker seal --about R-7K2M-0QX9 --with in_progress < note.txt
            """)

    @Option(help: ArgumentHelp("The number of the referral.", valueName: "referral"))
    var about: String
    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "What it is sent with: \(AgencyText.Occasion.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "status"))
    var occasion: String
    @Option(help: ArgumentHelp("The network's key, instead of asking the gateway.", valueName: "file"))
    var networkKey: String?
    @Option(help: ArgumentHelp("Attach this file by reference; it stays where it is.", valueName: "file"))
    var attach: String?
    @Option(help: "The attached file's media type, such as application/pdf.")
    var mediaType: String?
    @Option(help: "Where whoever asks you finds the attached file, such as a number in your archive; sealed, too.")
    var location: String?

    func validate() throws {
        guard AgencyText.Occasion(rawValue: self.occasion) != nil else {
            throw ValidationError(
                "--with is one of \(AgencyText.Occasion.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let attached = [self.attach, self.mediaType, self.location].compactMap(\.self).count
        guard attached == 0 || attached == 3 else {
            throw ValidationError("Give --attach, --media-type and --location, or none of them.")
        }
    }

    func run() async throws {
        do {
            Glibc.signal(SIGPIPE, SIG_IGN)
            let environment = ProcessInfo.processInfo.environment
            let key = try await self.trusted(try await self.key(environment), environment)
            let text = try Self.input()
            let sealed = try AgencyText.seal(
                text.isEmpty ? nil : text, attachments: try self.attachments(),
                with: AgencyText.Occasion(rawValue: self.occasion) ?? .inProgress, about: self.about, to: key)
            print(try sealed.json())
        } catch let error as AgencyError {
            let code: WorkerExit.Code =
                switch error.code {
                case .unauthenticated: .notPermitted
                case .invalidConfiguration, .untrustedKey, .invalidRequest: .configuration
                default: .unavailable
                }
            AgencyWorkerCommand.complain(
                error.code == .notFound ? "the network has no key yet, and takes no text" : "\(error)")
            throw ExitCode(code.rawValue)
        } catch let exit as WorkerExit {
            AgencyWorkerCommand.complain(exit.reason)
            throw ExitCode(exit.code.rawValue)
        }
    }

    private func key(_ environment: [String: String]) async throws -> AgencyNetworkKey {
        if let networkKey {
            return try AgencyNetworkKey(json: try SmallFile.read(networkKey, named: "network key file"))
        }
        guard let url = environment["DANDELION_GATEWAY_URL"], let file = environment["DANDELION_AGENCY_KEY_FILE"] else {
            throw WorkerExit(
                code: .configuration,
                reason: "set DANDELION_GATEWAY_URL and DANDELION_AGENCY_KEY_FILE, or give --network-key")
        }
        let word = String(decoding: try SmallFile.read(file, named: "agency key file"), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return try await AgencyClient(gatewayURL: url, key: word).networkKey()
    }

    private func trusted(
        _ key: AgencyNetworkKey, _ environment: [String: String]
    ) async throws -> AgencyNetworkKey {
        guard let file = environment["DANDELION_ONBOARDING_KEYS_FILE"] else {
            AgencyWorkerCommand.complain(
                "whose the network's key \(key.keyId) is was not looked at; set DANDELION_ONBOARDING_KEYS_FILE")
            return key
        }
        return try key.verified(
            by: String(decoding: try SmallFile.read(file, named: "onboarding keys file"), as: UTF8.self))
    }

    private func attachments() throws -> [AgencyText.Attachment] {
        guard let attach, let mediaType, let location else { return [] }
        let content: Data
        do {
            content = try Data(contentsOf: URL(filePath: attach))
        } catch {
            throw WorkerExit(code: .configuration, reason: "\(attach) cannot be read; correct the path")
        }
        return [AgencyText.Attachment(content: content, mediaType: mediaType, location: location)]
    }

    /// All of standard input, as far as a text may be long.
    private static func input() throws -> String {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while content.count <= AgencyText.maximumBytes {
            let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            content.append(contentsOf: chunk[..<count])
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw WorkerExit(code: .configuration, reason: "standard input is not text in UTF-8; convert it")
        }
        return String(text.reversed().drop(while: \.isNewline).reversed())
    }
}
