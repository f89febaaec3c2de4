import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

/// Opens what agencies wrote, with the private keys that only whoever reads has.
struct CaseTextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text", abstract: "Opens what agencies wrote with their answers and reports.",
        discussion: """
            Somebody on the staff who serves the case answers for it. Who reads and why is an event of the case and an entry of the \
            ledger, committed before the bytes leave the database. A text that cannot be opened is said so in a line, and the others \
            are shown. Attachments lie with the agency: nothing is fetched.

            Examples:

              dandelion case text C-7K2M-0QX9 --by S-017 --because handling --network-key network-key-0123456789abcdef.json
              dandelion case text C-7K2M-0QX9 --by S-017 --because complaint --network-key old.json --network-key new.json --json
            """)

    @OptionGroup var acting: ActingOptions
    @Option(
        help: ArgumentHelp(
            "Why: \(TextReading.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "reason"))
    var because: String
    @Option(
        name: .customLong("network-key"),
        help: ArgumentHelp("A private key of the network's; more than one may be given.", valueName: "file"))
    var networkKeys: [String]
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let reason = TextReading(rawValue: self.because) else {
            throw CommandFailure(
                .badData, "--because is one of \(TextReading.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let (number, staff) = (try self.acting.caseNumber, try self.acting.actor.staff)
        // Before anything is recorded: whoever cannot open reads nothing.
        let keyring = try NetworkKeyring(files: self.networkKeys)
        let texts = try await self.database.withPool { pool in
            let store = AgencyTextStore()
            do {
                // Two transactions: the record is committed before the bytes are given.
                let (request, _) = try await store.ask(number, by: staff, because: reason, on: pool)
                return try await store.read(request, on: pool)
            } catch let error as CaseworkError {
                throw CommandFailure(refusing: error) ?? error
            }
        }
        let opened = texts.map { OpenedText($0, with: keyring) }
        try self.output.show(opened) {
            opened.isEmpty ? "部门没有发来文字" : opened.map(\.lines).joined(separator: "\n\n")
        }
    }
}

/// One text as it is shown.
struct OpenedText: Encodable, Equatable {
    struct Attachment: Encodable, Equatable {
        let sha256: String
        let mediaType: String
        let bytes: Int64
        let location: String?
        /// Why the location cannot be opened.
        let fault: String?
    }

    let referral: String
    let agency: String
    let status: String
    let by: String?
    let sentAt: Date
    let keyId: String
    let digest: String
    let text: String?
    let attachments: [Attachment]
    let erasedAt: Date?
    /// Why the text cannot be opened.
    let fault: String?

    init(_ sent: StoredAgencyText, with keyring: NetworkKeyring) {
        self.referral = sent.referral.rawValue
        self.agency = sent.agency
        self.status = sent.status
        self.by = sent.staff
        self.sentAt = sent.sentAt
        self.keyId = sent.keyID
        self.digest = sent.digest.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
        self.erasedAt = sent.erasedAt
        func open(_ bytes: [UInt8], _ attachment: SealedText.Attachment?) -> (text: String?, fault: String?) {
            guard let pair = keyring.pair(sent.keyID) else {
                return (nil, "it is sealed to the network key \(sent.keyID); give its private key with --network-key")
            }
            do {
                let binding = SealedText.Binding(
                    referral: sent.referral.rawValue, agencyID: sent.agencyID, status: sent.status,
                    attachment: attachment)
                return (try SealedText(bytes: bytes).open(with: pair, binding: binding), nil)
            } catch {
                return (
                    nil,
                    "it does not open: it was changed, is no text, or was sealed for another referral or answer; ask the agency"
                )
            }
        }
        let opened = sent.sealed.map { open($0, nil) }
        self.text = opened?.text
        self.fault = opened?.fault
        self.attachments = sent.attachments.map { attachment in
            let (location, fault) = open(
                Data(base64Encoded: attachment.location).map(Array.init) ?? [],
                SealedText.Attachment(
                    sha256: attachment.sha256, mediaType: attachment.mediaType, bytes: attachment.bytes))
            return Attachment(
                sha256: attachment.sha256, mediaType: attachment.mediaType, bytes: attachment.bytes,
                location: location, fault: fault)
        }
    }

    /// For people. What could move the cursor or colour the terminal is made visible.
    var lines: String {
        var lines = [
            "\(BeijingTime.full(self.sentAt))  \(self.agency)  \(self.referral)  "
                + (ReferralStatus(rawValue: self.status)?.chinese ?? self.status) + (self.by.map { "  \($0)" } ?? "")
        ]
        if self.erasedAt != nil { lines.append("  已到保存期限，内容已销毁") }
        if let fault { lines.append("  打不开：\(fault)") }
        lines += (self.text ?? "").split(whereSeparator: \.isNewline).map { "  \(String($0).printable)" }
        lines += self.attachments.map {
            "  附件 \($0.mediaType) \($0.bytes) 字节 SHA-256 \($0.sha256)  "
                + ($0.location?.printable ?? "打不开：\($0.fault ?? "")")
        }
        return lines.joined(separator: "\n")
    }
}
