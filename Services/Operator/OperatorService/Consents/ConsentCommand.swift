import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "What she agrees to 同意, for each agency and purpose: record, take back, list.",
        subcommands: [ConsentListCommand.self, ConsentRecordCommand.self, ConsentWithdrawCommand.self])
}

struct ConsentListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what stands on a case.",
        discussion: "Example:\n\n  dandelion consent list C-7K2M-0QX9")

    @Argument(help: "The case's number.")
    var number: String
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let agencyKinds: [AgencyKind]
        let agencies: [String]?
        let purpose: Purpose
        let status: ConsentStatus
        let givenBy: ConsentGiver
        let dataKinds: [String]?
        let recordedAt: Date
        let expiresAt: Date?
        let withdrawnAt: Date?
    }

    func run() async throws {
        let number = try CaseArgument.parse(self.number)
        let rows = try await self.database.withPool { try await ConsentStore().overview(of: number, on: $0) }.map {
            Row(
                agencyKinds: $0.agencyKinds, agencies: $0.agencies, purpose: $0.purpose, status: $0.status,
                givenBy: $0.givenBy, dataKinds: $0.dataKinds, recordedAt: $0.recordedAt, expiresAt: $0.expiresAt,
                withdrawnAt: $0.withdrawnAt)
        }
        try self.output.show(rows) {
            var table = TextTable(["事项", "部门类别", "部门", "答复", "由谁", "记录", "到期"])
            for row in rows {
                table.add([
                    row.purpose.chinese, row.agencyKinds.map(\.chinese).joined(separator: "、"),
                    row.agencies?.joined(separator: ",") ?? "", row.status.chinese, row.givenBy.chinese,
                    BeijingTime.full(row.recordedAt), row.expiresAt.map(BeijingTime.full) ?? "",
                ])
            }
            return table.text(empty: "没有记录")
        }
    }
}

struct ConsentRecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Records her answer about one purpose; it replaces the earlier answer.",
        discussion: """
            Refusing stops no service: it takes this disclosure away. What rests on the earlier answer alone is revoked \
            at once.

            Examples:

              dandelion consent record C-7K2M-0QX9 --kind legal_aid_centre --purpose legal_aid --by S-0101
              dandelion consent record C-7K2M-0QX9 --kind police --purpose police_report --refused --by S-0101
              dandelion consent record C-7K2M-0QX9 --kind shelter --purpose safe_placement --agency 150100-shelter \\
                --until 2026-12-31 --by S-0101
            """)

    @OptionGroup var acting: ActingOptions
    @Option(help: ArgumentHelp("A kind of agency; repeat it for more.", valueName: "kind"))
    var kind: [String]
    @Option(help: "What the agencies are to be told for.")
    var purpose: String
    @Option(help: ArgumentHelp("Only this agency, by its code; repeat it for more.", valueName: "code"))
    var agency: [String] = []
    @Flag(help: "She refuses.")
    var refused = false
    @Option(help: ArgumentHelp("The last day it holds, as YYYY-MM-DD.", valueName: "day"))
    var until: String?
    @Option(help: "herself, guardian, other_guardian or civil_affairs.")
    var givenBy = ConsentGiver.herself.rawValue
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (number, actor) = (try self.acting.caseNumber, try self.acting.actor)
        let consent = try self.consent(now: Date())
        let codes = self.agency
        let change = try await ConsentFailure.explained {
            try await self.database.act("record_consent") { transaction in
                var consent = consent
                let store = ConsentStore()
                if let kind = try await store.unknownKinds(among: consent.agencyKinds, on: transaction).first {
                    throw CommandFailure(
                        .badData,
                        "no agency of kind \(kind.rawValue.printable) is in the network; see `dandelion agency list`")
                }
                consent.agencies = try await Self.agencies(codes, on: transaction)
                let change = try await store.record(consent, on: number, by: actor, in: transaction)
                return (change.caseID, change)
            }
        }
        try self.output.show(ConsentReport(number: number.rawValue, revoked: change.revoked)) {
            "recorded; \(change.revoked) referrals were revoked"
        }
    }

    private func consent(now: Date) throws -> Consent {
        let purpose = Purpose(rawValue: self.purpose)
        guard Purpose.known.contains(purpose) else {
            throw CommandFailure(.badData, "'\(self.purpose.printable)' is no purpose of the network")
        }
        guard let givenBy = ConsentGiver(rawValue: self.givenBy) else {
            throw CommandFailure(
                .badData, "--given-by must be one of \(ConsentGiver.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var expiresAt: Date?
        if let until {
            guard let day = LocalDate(until) else {
                throw CommandFailure(.badData, "--until must be a day that exists, as YYYY-MM-DD")
            }
            expiresAt = day.adding(days: 1).startInBeijing
            guard self.refused || day.adding(days: 1).startInBeijing > now else {
                throw CommandFailure(.badData, "--until lies in the past")
            }
        }
        guard !self.kind.isEmpty else { throw CommandFailure(.badData, "name a kind of agency with --kind") }
        var consent = Consent(
            agencyKinds: self.kind.map(AgencyKind.init(rawValue:)), purpose: purpose,
            status: self.refused ? .refused : .granted, expiresAt: expiresAt)
        consent.givenBy = givenBy
        return consent
    }

    static func agencies(_ codes: [String], on executor: some PostgresExecutor) async throws -> Set<UUID>? {
        guard !codes.isEmpty else { return nil }
        let found = try await ConsentStore().agencies(codes: codes, on: executor)
        if let missing = codes.first(where: { found[$0] == nil }) {
            throw CommandFailure(.badData, "there is no agency \(missing.printable); see `dandelion agency list`")
        }
        return Set(found.values.map(\.id))
    }
}

struct ConsentWithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "She takes consent back; open referrals that rest on it are revoked at once.",
        discussion: """
            What is not narrowed is taken back as a whole.

            Examples:

              dandelion consent withdraw C-7K2M-0QX9 --purpose legal_aid --by S-0101
              dandelion consent withdraw C-7K2M-0QX9 --agency 150104-civil-affairs --by S-0101
              dandelion consent withdraw C-7K2M-0QX9 --by S-0101
            """)

    @OptionGroup var acting: ActingOptions
    @Option(help: "Only of agencies of this kind.")
    var kind: String?
    @Option(help: ArgumentHelp("Only of this agency, by its code.", valueName: "code"))
    var agency: String?
    @Option(help: "Only for this purpose.")
    var purpose: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard self.kind == nil || self.agency == nil else {
            throw ValidationError("Name the agency or its kind, not both.")
        }
    }

    func run() async throws {
        let (number, actor) = (try self.acting.caseNumber, try self.acting.actor)
        let (kind, agency, purpose) = (self.kind, self.agency, self.purpose)
        let change = try await ConsentFailure.explained {
            try await self.database.act("withdraw_consent") { transaction in
                let withdrawal = ConsentStore.Withdrawal(
                    agencyKind: kind.map(AgencyKind.init(rawValue:)),
                    agency: try await ConsentRecordCommand.agencies(agency.map { [$0] } ?? [], on: transaction)?.first,
                    purpose: purpose.map(Purpose.init(rawValue:)))
                let change = try await ConsentStore().withdraw(withdrawal, on: number, by: actor, in: transaction)
                return (change.caseID, change)
            }
        }
        try self.output.show(ConsentReport(number: number.rawValue, revoked: change.revoked)) {
            "taken back; \(change.revoked) referrals were revoked"
        }
    }
}

private struct ConsentReport: Encodable {
    let number: String
    let revoked: Int
}

/// Refusals of the database in the words of the command line.
enum ConsentFailure {
    static func explained<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CaseworkError {
            throw CommandFailure(refusing: error) ?? CommandFailure(error)
        }
    }
}
