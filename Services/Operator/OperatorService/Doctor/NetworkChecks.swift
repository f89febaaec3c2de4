import Casework
import CaseworkStore
import FoundationEssentials
import Migrations
import PostgresClient
import Safeguarding
import ServiceKit

/// What the network is made of: schema, rules, divisions, agencies, keys.
struct NetworkChecks: Sendable {
    /// Where the key files are; `nil` when that is not known.
    let fieldKeys: String?
    let indexKeys: String?
    /// Where the public holidays are; `nil` when that is not known.
    var holidays: String?
    /// Whose signature under agencies' keys routing believes; `nil` when that is not known.
    var onboardingKeys: String?

    func findings(on pool: PostgresPool) async throws -> [Finding] {
        var findings = self.keys()
        findings.append(self.holidayFile(now: Date()))
        findings += try await self.rules(on: pool)
        findings += try await self.divisions(on: pool)
        findings += try await self.agencies(on: pool)
        return findings
    }

    /// - Returns: the finding, and whether the rest can be looked at.
    static func schema(on pool: PostgresPool) async -> (Finding, isUsable: Bool) {
        do {
            try await SchemaVersion.require(Schema.sets, on: pool)
            return (.ok("schema", "is the one this program was written for"), true)
        } catch {
            return (.failed("schema", SafeDiagnosis.of(error), "run `dandelion migrate`, or the newer program"), false)
        }
    }

    private func keys() -> [Finding] {
        guard self.fieldKeys != nil || self.indexKeys != nil else {
            return [
                .warning("key files", "not looked at", "name their directory with --keys, on the machine that has them")
            ]
        }
        return [
            self.fieldKeys.map { path in Self.key("field keys", path) { _ = try FieldKeyring(path: path) } },
            self.indexKeys.map { path in Self.key("index keys", path) { _ = try BlindIndex(path: path) } },
        ].compactMap(\.self)
    }

    private static func key(_ name: String, _ path: String, _ read: () throws -> Void) -> Finding {
        do {
            try read()
            return .ok(name, "\(path) is readable and for its owner alone")
        } catch {
            let said = (error as? KeyFileError)?.description ?? "\(path) cannot be read"
            return .failed(name, said, "see the line itself")
        }
    }

    /// The file that routing, intake and gateway count working days by.
    func holidayFile(now: Date) -> Finding {
        let remedy = "name the services' DANDELION_HOLIDAYS_FILE with --holidays, on the machine that has it"
        guard let path = self.holidays else { return .warning("holidays", "not looked at", remedy) }
        let calendar: HolidayCalendar
        do {
            calendar = try HolidayCalendar.complete(csv: try TextFile.read(path))
        } catch let error as DataFileError {
            return .failed("holidays", "\(path): \(error)", "correct it; the services do not start with it")
        } catch {
            return .failed("holidays", "\(path) cannot be read", remedy)
        }
        let missing = calendar.missingYears(at: now).map(String.init).joined(separator: ", ")
        guard missing.isEmpty else {
            return .warning(
                "holidays", "\(path) has none of \(missing): working days are counted by weekends alone",
                "add what the State Council announced for that year, then restart intake, routing and gateway")
        }
        return .ok("holidays", "\(path) has every year that is needed by now")
    }

    private func rules(on pool: PostgresPool) async throws -> [Finding] {
        guard let stored = try await RuleSetStore().active(on: pool) else {
            return [
                .failed(
                    "rules", "none are in force: no case can be routed",
                    "run `dandelion assessments record`, then `dandelion rules import`")
            ]
        }
        let rules: RuleSet
        do {
            rules = try RuleSet.load(yaml: stored.yaml)
        } catch {
            return [
                .failed(
                    "rules", "version \(stored.version) has \(error.problems.count) problems",
                    "import a rule set that `dandelion rules check` passes")
            ]
        }
        return [
            .ok("rules", "\(rules.version) (version \(stored.version)), \(rules.rules.count) rules"),
            try await self.assessments(rules, on: pool),
        ]
    }

    /// Whether everything the rules in force disclose, as this program's profiles are, was assessed and still is approved.
    private func assessments(_ rules: RuleSet, on pool: PostgresPool) async throws -> Finding {
        let assessed = try await AssessmentStore().assess(try rules.disclosures(), on: pool)
        let obstacles = assessed.filter { $0.obstacle != nil }.map(RuleActivation.line)
        guard obstacles.isEmpty else {
            return .failed(
                "impact assessments", obstacles.joined(separator: ", "),
                "\(RuleActivation.remedy), or put rules in force that do not disclose it")
        }
        let lapsed = assessed.filter(\.isLapsed).map(RuleActivation.line)
        guard lapsed.isEmpty else {
            return .warning("impact assessments", lapsed.joined(separator: ", "), RuleActivation.remedy)
        }
        return .ok("impact assessments", "all \(assessed.count) disclosures of the rules were approved")
    }

    private func divisions(on pool: PostgresPool) async throws -> [Finding] {
        var total = 0
        var withoutEmail = 0
        for row in try await pool.execute(NetworkQueries.stations) {
            total += 1
            if try row.decode(String?.self, column: "email") == nil { withoutEmail += 1 }
        }
        guard total > 0 else {
            return [
                .failed("divisions", "none are loaded", "run `dandelion divisions import deploy/data/divisions.csv`")
            ]
        }
        let loaded = Finding.ok("divisions", "\(total), each with its station")
        guard withoutEmail > 0 else { return [loaded, .ok("stations", "every duty desk has an address")] }
        return [
            loaded,
            .warning(
                "stations", "\(withoutEmail) of \(total) have no address: their desks are told nothing",
                "`dandelion stations set-email`"),
        ]
    }

    private func agencies(on pool: PostgresPool) async throws -> [Finding] {
        let active = try await OperatorStore().agencies(on: pool).filter { $0.status == .active }
        guard !active.isEmpty else {
            return [.failed("agencies", "none are active", "run `dandelion agency import` or `dandelion agency add`")]
        }
        let unsealed = active.count { !$0.hasKey }
        let unreachable = active.count { $0.hasKey && $0.liveKeys == 0 }
        var findings = [
            AgencyKeyChecks(file: self.onboardingKeys).finding(active, now: Date()),
            AgencyQuotaChecks.finding(try await AgencyStore().backlogs(on: pool)),
            NetworkKeyChecks(file: self.onboardingKeys).finding(
                try await NetworkKeyStore().list(on: pool), now: Date()),
        ]
        if unsealed > 0 {
            findings.append(
                .warning(
                    "agencies",
                    "\(unsealed) of \(active.count) have no sealing key: staff call them for every hand-over",
                    "`dandelion agency key sign`, then `dandelion agency rotate CODE --signed-key FILE` when they join")
            )
        } else {
            findings.append(.ok("agencies", "all \(active.count) have a sealing key"))
        }
        if unreachable > 0 {
            findings.append(
                .warning(
                    "bearer keys", "\(unreachable) agencies have a sealing key and no live bearer key",
                    "`dandelion agency rotate-key CODE --key-to DIRECTORY`"))
        } else {
            findings.append(.ok("bearer keys", "every agency with a sealing key has one"))
        }
        return findings
    }
}
