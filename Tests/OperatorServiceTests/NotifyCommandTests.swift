import Casework
import CaseworkStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

/// `dandelion notify`, each of its commands as an operator runs it, with an operator's rights.
struct NotifyCommandTests {
    private struct Ended {
        let status: ServiceProcess.Exit
        let output: String
    }

    private func dandelion(_ dsn: String?, _ arguments: [String]) async throws -> Ended {
        let process = try ServiceProcess(
            "dandelion", arguments: ["notify"] + arguments,
            environment: dsn.map { ["DANDELION_DATABASE": $0] } ?? [:])
        let status = try await process.waitForExit(timeout: .seconds(60))
        return Ended(status: status, output: process.output)
    }

    /// A region with a station, an agency, and a case with a help-seeker.
    private struct Network {
        let database: TestDatabase
        let caseID: UUID
        let person: UUID

        var dsn: String { self.database.dsn(user: "dandelion_operator") }

        /// Each text is a statement of its own.
        private static func name() -> String { "t_\(UInt64.random(in: 0 ... .max))" }

        func run(_ sql: String) async throws {
            try await self.database.pool.execute(Statement(name: Self.name(), unchecked: sql))
        }

        func text(_ sql: String) async throws -> String {
            let row = try #require(
                try await self.database.pool.execute(Statement(name: Self.name(), unchecked: sql)).first)
            return try row.decode(String.self)
        }
    }

    private func withNetwork(_ body: (Network) async throws -> Void) async throws {
        try await withTestDatabase { database in
            let region = try #require(DivisionCode("150000"))
            _ = try await DivisionStore().import(
                [Division(code: region, name: "内蒙古", level: .region, parent: nil)], on: database.pool)
            let client = try await IntakeStore().put(
                NewIntakeClient(
                    name: "t", keyHash: [UInt8](repeating: 1, count: 32), channels: [.hotline], divisionScope: region),
                on: database.pool)
            var generator = SystemRandomNumberGenerator()
            let new = NewCase(
                id: UUID(), number: CaseNumber.random(using: &generator),
                receiptHash: (0..<32).map { _ in .random(in: 0...255) }, channel: .hotline, division: region,
                risk: .imminent, facts: CaseFacts(channel: .hotline, division: region), clientID: client,
                clientName: "t", people: [NewPerson(id: UUID(), role: .helpSeeker)],
                firstResponse: NewClock(id: UUID(), name: "first_response_p0", basis: "t", dueAt: Date() + 3600))
            _ = try await database.pool.withTransaction("t_open") { transaction in
                try await IntakeStore().openCase(new, in: transaction)
            }
            let network = Network(database: database, caseID: new.id, person: new.people[0].id)
            try await network.run(
                """
                INSERT INTO casework.agency (code, kind, name, division_code)
                VALUES ('150000-police', 'police', '公安厅', '150000')
                """)
            try await body(network)
        }
    }

    private func ask(_ network: Network, _ kind: String) async throws {
        try await network.run(
            """
            SELECT casework.notify_station(id, owner_station_id, '\(kind)') FROM casework.cases
            """)
    }

    // MARK: - Without a database

    @Test func previewShowsEveryTextAndCountsItsParts() async throws {
        let all = try await self.dandelion(nil, ["preview"])
        #expect(all.status == .status(0))
        #expect(all.output.contains("help_seeker.sms.please_call_back.zh-Hans  (1 short message, ucs2)"))
        #expect(
            all.output.contains("agency.desk.digest.zh-Hans") && all.output.contains("operators.desk.provider_down.en"))
        let one = try await self.dandelion(nil, ["preview", "appointment", "--language", "en", "--json"])
        #expect(one.output.contains(#""template":"help_seeker.email.appointment.en""#))
        #expect(!one.output.contains("zh-Hans"))
        let none = try await self.dandelion(nil, ["preview", "nothing"])
        #expect(none.status == .status(65) && none.output == "dandelion: there is no such template\n")
        let signature = try await self.dandelion(nil, ["preview", "--signature", "【妇】"])
        #expect(signature.status == .status(65) && signature.output.hasPrefix("dandelion: --signature: "))
    }

    @Test func previewOfALanguageOfTheInstallationsOwn() async throws {
        try await TemporaryDirectory.with { directory in
            let file = "\(directory)/help_seeker.sms.please_call_back.mn.mustache"
            try "Сайн байна уу, боломжтой үедээ эргэж залгаарай.".write(toFile: file, atomically: true, encoding: .utf8)
            let good = try await self.dandelion(nil, ["preview", "--templates", directory, "--language", "mn"])
            #expect(good.status == .status(0), "\(good.output)")
            #expect(good.output.contains("Сайн байна уу"))
            try "Эмэгтэйчүүдийн холбоо".write(toFile: file, atomically: true, encoding: .utf8)
            let bad = try await self.dandelion(nil, ["preview", "--templates", directory, "--language", "mn"])
            #expect(bad.status == .status(65))
            #expect(bad.output.contains("help_seeker.sms.please_call_back.mn holds the word"))
        }
        let away = try await self.dandelion(nil, ["preview", "--templates", "/nonexistent"])
        #expect(away.status == .status(65) && away.output.contains("/nonexistent cannot be read"))
    }

    @Test func aDrillPlaysAWeekAndNothingLeaves() async throws {
        try await TemporaryDirectory.with { directory in
            let drill = try await self.dandelion(
                nil, ["drill", "--messages", "2000", "--sink", "\(directory)/sink", "--json"])
            #expect(drill.status == .status(0), "\(drill.output)")
            struct Report: Decodable {
                let messages: Int
                let sent: Int
                let waits: Int
                let denied: [String: Int]
            }
            let report = try JSONDecoder().decode(Report.self, from: Data(drill.output.utf8))
            #expect(report.messages == 2000)
            #expect(report.sent + report.waits + report.denied.values.reduce(0, +) == 2000)
            #expect(report.sent > 0 && report.waits > 0)
            #expect(["never", "expired", "respondent_contact"].allSatisfy { (report.denied[$0] ?? 0) > 0 })
            let lines = try String(contentsOfFile: "\(directory)/sink", encoding: .utf8).split(separator: "\n")
            #expect(lines.count == report.sent)
            #expect(lines.allSatisfy { !$0.contains("138") || $0.split(separator: " ").count == 5 })
            let text = try await self.dandelion(nil, ["drill", "--messages", "100"])
            #expect(text.output.contains("would have gone") && text.output.contains("messages per second"))
            let full = try await self.dandelion(nil, ["drill", "--messages", "500", "--sink", "/dev/full"])
            #expect(full.status != .status(0), "a sink that takes nothing is no drill")
            #expect(try await self.dandelion(nil, ["drill", "--messages", "0"]).status == .status(64))
        }
    }

    @Test func aTestMessageGoesThroughOneProvider() async throws {
        try await TemporaryDirectory.with { directory in
            let file = "\(directory)/providers.yaml"
            try """
            providers:
              - { name: sink, kind: file, channel: sms, signature: 平安生活, path: \(directory)/sink }
              - { name: away, kind: smtp, url: "smtp://127.0.0.1:1", sender: post@example.org }
            routes:
              - { audience: help_seeker, channel: sms, providers: [sink] }
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let sent = try await self.dandelion(nil, ["send-test", "sink", "13800138000", "--providers", file])
            #expect(sent.status == .status(0) && sent.output == "taken\n", "\(sent.output)")
            let line = try String(contentsOfFile: "\(directory)/sink", encoding: .utf8)
            #expect(line.contains(" sms please_call_back") && !line.contains("13800138000"))
            let away = try await self.dandelion(nil, ["send-test", "away", "me@example.org", "--providers", file])
            #expect(away.status == .status(69) && away.output == "dandelion: not taken now: mail_unreachable\n")
            let refused = try await self.dandelion(nil, ["send-test", "away", "me@@x", "--providers", file])
            #expect(refused.status == .status(1) && refused.output == "dandelion: refused for good: bad_address\n")
            let unknown = try await self.dandelion(nil, ["send-test", "x", "13800138000", "--providers", file])
            #expect(unknown.status == .status(65) && unknown.output.contains("there are: away, sink"))
            let template = try await self.dandelion(
                nil, ["send-test", "sink", "13800138000", "--providers", file, "--template", "x"])
            #expect(template.status == .status(65))
            let missing = try await self.dandelion(nil, ["send-test", "sink", "1", "--providers", "/nonexistent"])
            #expect(missing.status == .status(65) || missing.status == .status(66), "\(missing.output)")
        }
    }

    // MARK: - With one

    @Test func statusCountsAndAlarmsOfDangerToLife() async throws {
        try await self.withNetwork { network in
            let quiet = try await self.dandelion(network.dsn, ["status"])
            #expect(quiet.status == .status(0) && quiet.output.contains("no messages"))
            try await self.ask(network, "escalated")
            let fresh = try await self.dandelion(network.dsn, ["status", "--json"])
            #expect(fresh.status == .status(0), "\(fresh.output)")
            #expect(fresh.output.contains(#""lane":0"#) && fresh.output.contains(#""state":"pending""#))
            // Notification is dead: nobody is told, and monitoring hears of it.
            try await network.run("UPDATE casework.message SET created_at = created_at - interval '3 minutes'")
            try await network.run("UPDATE casework.staff_task SET opened_at = opened_at - interval '3 minutes'")
            let late = try await self.dandelion(network.dsn, ["status"])
            #expect(late.status == .status(1))
            #expect(late.output.contains("in danger to life: nobody was told yet; call the stations"))
            #expect(try await self.dandelion(network.dsn, ["status", "--hours", "0"]).status == .status(64))
        }
    }

    @Test func tasksAreListedUntilTheyAreDone() async throws {
        try await self.withNetwork { network in
            try await self.ask(network, "call_agency_emergency")
            let list = try await self.dandelion(network.dsn, ["tasks"])
            #expect(list.status == .status(0) && list.output.contains("look_at_case"))
            struct Line: Decodable { let task: UUID }
            let json = try await self.dandelion(network.dsn, ["tasks", "--json", "--limit", "5"])
            let task = try #require(JSONDecoder().decode([Line].self, from: Data(json.output.utf8)).first).task
            let done = try await self.dandelion(network.dsn, ["done", task.uuidString, "--by", "duty-150000"])
            #expect(done.status == .status(0) && done.output == "done\n")
            let again = try await self.dandelion(network.dsn, ["done", task.uuidString, "--by", "duty-150000"])
            #expect(again.status == .status(65) && again.output == "dandelion: there is no such task that is open\n")
            #expect(try await self.dandelion(network.dsn, ["tasks"]).output == "nothing is to be done\n")
            #expect(try await self.dandelion(network.dsn, ["done", "x", "--by", "y"]).status == .status(65))
            let by = try await network.text("SELECT done_by FROM casework.staff_task")
            #expect(by == "duty-150000")
        }
    }

    @Test func theInboxIsReadAndTheDeskNotToldAgain() async throws {
        try await self.withNetwork { network in
            try await self.ask(network, "escalated")
            struct Entry: Decodable {
                let notice: UUID
                let kind: String
            }
            let json = try await self.dandelion(network.dsn, ["inbox", "150000", "--json"])
            let entry = try #require(JSONDecoder().decode([Entry].self, from: Data(json.output.utf8)).first)
            #expect(entry.kind == "escalated")
            let read = try await self.dandelion(
                network.dsn, ["inbox", "150000", "--read", entry.notice.uuidString, "--by", "duty-150000"])
            #expect(read.status == .status(0) && read.output == "nothing is unread\n", "\(read.output)")
            let again = try await self.dandelion(
                network.dsn, ["inbox", "150000", "--read", entry.notice.uuidString, "--by", "duty-150000"])
            #expect(again.status == .status(65))
            let state = try await network.text("SELECT state || ' ' || reason FROM casework.message")
            #expect(state == "delivered read")
            #expect(try await self.dandelion(network.dsn, ["inbox", "15"]).status == .status(65))
            #expect(
                try await self.dandelion(network.dsn, ["inbox", "150000", "--by", "x"]).status == .status(64))
        }
    }

    /// Unsubscribing is for what no law and nobody's safety hangs on.
    @Test func onlyWhatMayBeMutedIs() async throws {
        try await self.withNetwork { network in
            let mute = try await self.dandelion(network.dsn, ["mute", "150000", "case_closed", "new_case"])
            #expect(mute.status == .status(0) && mute.output == "muted: case_closed, new_case\n")
            for kind in ["escalated", "clock_breached", "re_assess", "due_soon", "nonsense"] {
                let refused = try await self.dandelion(network.dsn, ["mute", "150000", kind])
                #expect(refused.status == .status(65) && refused.output.contains("'\(kind)' cannot be muted"))
            }
            let error = await #expect(throws: PostgresError.self, "nor past the command") {
                try await network.run("UPDATE casework.station SET muted = '{escalated}'")
            }
            #expect(error?.sqlState == "23514")
            #expect(try await network.text("SELECT muted::text FROM casework.station") == "{case_closed,new_case}")
            #expect(try await self.dandelion(network.dsn, ["mute", "150000"]).output == "nothing is muted\n")
            #expect(try await self.dandelion(network.dsn, ["mute", "150100"]).status == .status(65))
        }
    }

    @Test func dutyPhonesAreSetAndShownToNobody() async throws {
        try await self.withNetwork { network in
            let set = try await self.dandelion(network.dsn, ["duty", "150000", "13800138000", "13900139000"])
            #expect(set.status == .status(0) && set.output == "2 phones are set\n", "\(set.output)")
            #expect(
                try await network.text("SELECT duty_phones::text FROM casework.station") == "{13800138000,13900139000}")
            for bad in ["0471-1234567", "1390013900", "13900139000;", "１３８００１３８０００", "12800138000"] {
                let refused = try await self.dandelion(network.dsn, ["duty", "150000", bad])
                #expect(refused.status == .status(65) && !refused.output.contains(bad), "\(refused.output)")
            }
            let twice = try await self.dandelion(network.dsn, ["duty", "150000", "13800138000", "13800138000"])
            #expect(twice.status == .status(65))
            let desks = try await self.dandelion(network.dsn, ["desks"])
            #expect(desks.output.contains("NO") && desks.output.contains("150000") && !desks.output.contains("138"))
            let event = try await network.text(
                "SELECT kind || ' ' || data::text FROM casework.operator_event ORDER BY id DESC LIMIT 1")
            #expect(event == #"duty_phones_set {"phones": 2}"#)
            #expect(try await self.dandelion(network.dsn, ["duty", "150000"]).output == "the duty has no phone\n")
            #expect(try await self.dandelion(network.dsn, ["duty", "150100"]).status == .status(65))
        }
    }

    @Test func anAgencysDeskIsSet() async throws {
        try await self.withNetwork { network in
            let set = try await self.dandelion(
                network.dsn,
                [
                    "desk", "150000-police", "--email", "desk@police.example.org", "--digest-minutes", "30", "--mute",
                    "referral_due",
                ])
            #expect(set.status == .status(0) && set.output == "the desk is set\n", "\(set.output)")
            let row = "SELECT concat_ws(' ', desk_email, digest_minutes, muted::text) FROM casework.agency"
            #expect(try await network.text(row) == "desk@police.example.org 30 {referral_due}")
            let shown = try await self.dandelion(network.dsn, ["desks", "--agencies", "--json"])
            #expect(shown.output.contains(#""has_address":true"#) && !shown.output.contains("desk@police"))
            for arguments in [
                ["--email", "desk"], ["--email", "a@b\r\nBcc: x@y"], ["--mute", "referral_offered"],
                ["--mute", "referral_withdrawn"],
            ] {
                let refused = try await self.dandelion(network.dsn, ["desk", "150000-police"] + arguments)
                #expect(refused.status == .status(65), "\(arguments)")
            }
            for arguments in [[], ["--digest-minutes", "1441"], ["--mute", "referral_due", "--unmute"]] {
                let usage = try await self.dandelion(network.dsn, ["desk", "150000-police"] + arguments)
                #expect(usage.status == .status(64), "\(arguments)")
            }
            #expect(try await self.dandelion(network.dsn, ["desk", "nobody", "--unmute"]).status == .status(65))
            let none = try await self.dandelion(network.dsn, ["desk", "150000-police", "--email", "none", "--unmute"])
            #expect(none.status == .status(0))
            #expect(try await network.text(row) == "30 {}")
        }
    }

    @Test func stopClearsAndSaysHowMany() async throws {
        try await self.withNetwork { network in
            try await network.run(
                "SELECT casework.notify_person(case_id, id, 'news_for_you', NULL) FROM casework.person")
            let stop = try await self.dandelion(
                network.dsn, ["stop", network.person.uuidString, "--by", "desk-150000"])
            #expect(stop.status == .status(0) && stop.output == "stopped; 1 messages are cleared\n")
            #expect(try await network.text("SELECT state FROM casework.message") == "cleared")
            #expect(try await self.dandelion(network.dsn, ["stop", "x", "--by", "y"]).status == .status(65))
        }
    }
}
