import Casework
import Foundation
import JobWorker
import Mail
import Messaging
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

/// Invariant 6: nothing reaches a person outside her rules. Each test tries to get something through.
@Suite struct NotifyPersonTests {
    private static func mail(_ server: MailServer, from sender: String = "post@example.org") throws -> MailProvider {
        MailProvider(
            name: "mail", sender: .mail(address: sender),
            client: SMTPClient(try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: sender)))
    }

    @Test func withinHerHoursSheIsWrittenToAndNothingIsSaid() async throws {
        let server = try MailServer()
        try await withNotification { notification in
            let message = try await notification.message()
            try await notification.work(people: [Self.mail(server)])
            let mail = try #require(try server.received().first)
            #expect(mail.subject == "请回电")
            #expect(mail.recipients == ["she@example.net"])
            #expect(mail.messageID.lowercased().contains(message.uuidString.lowercased()))
            #expect(!"\(mail)".contains("\(notification.number)"))
            #expect(DenyList.helpSeeker.firstHit(in: mail.subject + mail.text) == nil)
            #expect(try await notification.messageStates() == "sent")
            #expect(try await notification.trail() == "pending, sending, sent")
            #expect(try await notification.jobStates() == "notify_person completed")
            #expect(try await notification.openTasks() == "")
        }
    }

    @Test func aShortMessageIsCountedAndPaidFor() async throws {
        let sms = Outbox("sms", channel: .sms, .accepted(reference: "r-1", segments: 2))
        try await withNotification([Someone(phone: "138 0013 8000", rule: .init(channel: .sms))]) { notification in
            let id = try await notification.message()
            try await notification.work(people: [sms])
            let sent = try await sms.next()
            #expect(sent.id == id && sent.attempt == 1 && sent.content.address == "13800138000")
            #expect(sent.validity == .seconds(3570))
            let row = try await notification.text(
                "SELECT concat_ws(' ', provider, reference, segments, cost) FROM casework.message", "t_row")
            #expect(row == "sms r-1 2 9000")
        }
    }

    @Test func outsideHerHoursTheMessageWaitsForThem() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [people], now: Beijing.at(hour: 20))
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "scheduled outside_hours")
            #expect(try await notification.jobStates() == "notify_person scheduled")
            let wait = try await notification.text(
                "SELECT round(extract(epoch FROM scheduled_at - clock_timestamp()) / 3600)::text FROM queue.job",
                "t_wait")
            #expect(wait == "13")
            // Still outside: it waits on. Inside: it goes.
            try await notification.makeDue()
            try await notification.work(people: [people], now: Beijing.at(hour: 21))
            #expect(people.count == 0)
            try await notification.makeDue()
            try await notification.work(people: [people], now: Beijing.at(hour: 33))
            #expect(people.count == 1)
            #expect(try await notification.messageStates() == "sent")
            let events = try await notification.text(
                "SELECT string_agg(kind, ' ' ORDER BY id) FROM casework.event WHERE kind LIKE 'message%'", "t_events")
            #expect(events == "message_scheduled message_sent")
        }
    }

    @Test func aRetryThatCrossesTheEdgeOfHerHoursWaits() async throws {
        let away = Outbox(.later(reason: "mail_unreachable"))
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [away], now: Beijing.at(hour: 17.9))
            #expect(away.count == 1)
            #expect(try await notification.jobStates() == "notify_person retryable")
            #expect(try await notification.messageStates() == "pending mail_unreachable")
            try await notification.makeDue()
            try await notification.work(people: [people], now: Beijing.at(hour: 18.01))
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "scheduled outside_hours")
        }
    }

    @Test func aClockThatJumpedSendsNothing() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [people], drift: -7200)
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "scheduled outside_hours")
        }
    }

    // MARK: - Denied: whoever cannot be written to is put to the owner's desk, in the same transaction

    private func expectDenied(
        _ reason: DenialReason, _ people: [Someone], to person: Int = 0, template: String = "please_call_back",
        providers: [any MessageProvider]? = nil, state: String = "denied", tampering: String? = nil,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let outbox = Outbox()
        let desk = Outbox("desk")
        try await withNotification(people) { notification in
            if let tampering { try await notification.run(tampering, "t_tamper") }
            _ = try await notification.message(to: person, template: template)
            try await notification.work(desk: [desk], people: providers ?? [outbox])
            #expect(outbox.count == 0, sourceLocation: location)
            #expect(
                try await notification.messageStates() == "\(state) \(reason.rawValue)", sourceLocation: location)
            #expect(try await notification.openTasks() == "contact_person \(reason.rawValue)", sourceLocation: location)
            #expect(try await notification.noticeStates() == "contact_suppressed sent", sourceLocation: location)
            #expect(
                try await notification.jobStates() == "notify_person completed, notify_staff completed",
                sourceLocation: location)
            #expect(desk.count == 1, sourceLocation: location)
        }
    }

    @Test func withoutARuleNothingIsSent() async throws {
        try await expectDenied(.noRule, [Someone(rule: nil)])
    }

    @Test func neverMeansNever() async throws {
        try await expectDenied(.never, [Someone(rule: .init(channel: .none))])
    }

    @Test func anOldRuleHasToBeConfirmedAgain() async throws {
        try await expectDenied(
            .expired, [Someone(rule: .init(confirmedAt: Beijing.noon.addingTimeInterval(-91 * 86_400)))])
    }

    @Test func aStoppedPersonIsLeftAlone() async throws {
        try await expectDenied(
            .stopped, [Someone()], state: "cleared",
            tampering: "UPDATE casework.contact_rule SET stopped_at = '2026-03-04 00:00:00+08'")
    }

    @Test func aRuleSomebodyChangedIsRefused() async throws {
        try await expectDenied(
            .refusedRule, [Someone()], tampering: "UPDATE casework.contact_rule SET to_minute = 1440")
    }

    @Test func anAddressThatIsAlsoTheRespondentsIsNotUsed() async throws {
        let respondent = Someone(role: .respondent, email: "She+home@EXAMPLE.net", rule: nil)
        try await expectDenied(.respondentContact, [Someone(), respondent])
    }

    @Test(arguments: [PersonRole.reporter, .witness, .guardian])
    func anAddressThatIsAlsoSomebodyElsesIsNotUsed(role: PersonRole) async throws {
        try await expectDenied(.sharedContact, [Someone(), Someone(role: role, rule: nil)])
    }

    /// S28: a child is reached by way of its family, unless one of them is suspected.
    @Test func aGuardianWhoIsSuspectedIsNotAWayToAChild() async throws {
        let child = Someone(isMinor: true)
        let guardian = Someone(role: .guardian, rule: nil)
        let outbox = Outbox()
        try await withNotification([child, guardian]) { notification in
            _ = try await notification.message()
            try await notification.work(people: [outbox])
            #expect(outbox.count == 1)
        }
        try await expectDenied(
            .guardianContact, [child, guardian],
            tampering: """
                UPDATE casework.cases SET facts = jsonb_set(facts, '{flags}', '["guardian_suspected"]')
                """)
    }

    @Test func aRespondentWhoseContactCannotBeReadForbidsEverything() async throws {
        let respondent = Someone(role: .respondent, email: "he@example.net", rule: nil)
        try await expectDenied(
            .unreadableData, [Someone(), respondent],
            tampering:
                "UPDATE casework.person SET email = set_byte(email, length(email) - 1, 0) WHERE role = 'respondent'")
    }

    /// The sealed address of another person, put into her row, does not open there.
    @Test func anAddressMovedFromAnotherRowIsRefused() async throws {
        let respondent = Someone(role: .respondent, email: "he@example.net", rule: nil)
        try await expectDenied(
            .unreadableData, [Someone(), respondent],
            tampering: """
                UPDATE casework.person SET email = (SELECT email FROM casework.person WHERE role = 'respondent')
                WHERE role = 'help_seeker'
                """)
    }

    @Test func onlyTheHelpSeekerIsWrittenTo() async throws {
        let reporter = Someone(role: .reporter, email: "neighbour@example.net")
        try await expectDenied(.notTheHelpSeeker, [Someone(), reporter], to: 1)
    }

    @Test func aChannelWeCannotUseIsForPeople() async throws {
        try await expectDenied(
            .channelUnavailable, [Someone(phone: "13900000001", rule: .init(channel: .phone))])
    }

    @Test func withoutAProviderNobodyIsWrittenTo() async throws {
        try await expectDenied(.channelUnavailable, [Someone()], providers: [])
    }

    @Test func aSenderThatSaysWhoWeAreSendsNothing() async throws {
        let telling = Outbox("telling", sender: .mail(address: "desk@women.example.org"))
        try await expectDenied(.senderNotNeutral, [Someone()], providers: [telling])
        #expect(telling.count == 0)
    }

    @Test func anUnknownTemplateSaysNothing() async throws {
        try await expectDenied(.unknownTemplate, [Someone()], template: "case_update_with_details")
    }

    @Test func anAddressThatIsNoneIsNotHandedOver() async throws {
        try await expectDenied(.noSafeAddress, [Someone(email: "she@example.net\r\nBcc: he@example.net")])
    }

    // MARK: - Failed

    @Test func aRefusedMailIsPutToTheDesk() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [Outbox(.refused(reason: "mail_refused"))])
            #expect(try await notification.messageStates() == "failed mail_refused")
            #expect(try await notification.openTasks() == "contact_person mail_refused")
            #expect(try await notification.noticeStates() == "contact_failed sent")
        }
    }

    @Test func whenEveryAttemptIsUsedUpTheDeskIsTold() async throws {
        try await withNotification { notification in
            _ = try await notification.message(maximumAttempts: 1)
            try await notification.work(people: [Outbox(.later(reason: "mail_unreachable"))])
            #expect(try await notification.messageStates() == "failed mail_unreachable")
            #expect(try await notification.openTasks() == "contact_person mail_unreachable")
            #expect(try await notification.noticeStates() == "contact_failed sent")
            #expect(try await notification.jobStates() == "notify_person discarded, notify_staff completed")
        }
    }

    /// A key that is missing here is a fault of the installation: nothing is decided about the person.
    @Test func aMissingKeyIsTriedAgain() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [people], keyring: try self.otherKeyring())
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "sending")
            #expect(try await notification.jobStates() == "notify_person retryable")
        }
    }

    /// Keys of another installation, under other ids.
    private func otherKeyring() throws -> FieldKeyring {
        let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        let text = #"{"current":"k9","keys":{"k9":"\#(key)"},"contact_rules":{"current":"c9","keys":{"c9":"\#(key)"}}}"#
        let isMade = FileManager.default.createFile(
            atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        try #require(isMade)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FieldKeyring(path: file.path)
    }

    @Test func aMessageIsSentOnceHoweverManyJobsItHas() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [people])
            try await notification.run(
                """
                INSERT INTO queue.job (queue, kind, args, state)
                SELECT 'notification', kind, args, 'available' FROM queue.job_history
                """, "t_again")
            try await notification.work(people: [people])
            #expect(people.count == 1)
        }
    }

    @Test func whatWaitsToBeSaidIsSaidOnce() async throws {
        let people = Outbox()
        try await withNotification { notification in
            let first = try await notification.message()
            #expect(try await notification.message() == first)
            #expect(try await notification.message(template: "follow_up") != first)
            try await notification.work(people: [people])
            #expect(people.count == 2)
        }
    }
}

@Suite struct MailSettingsTests {
    @Test(arguments: ["post@example.org", "no-reply@mail.invalid"])
    func anAddressThatSaysNothingIsNeutral(address: String) {
        #expect(MailSettings.isNeutral(address))
    }

    @Test(arguments: [
        "no-reply@dandelion.invalid", "12338@example.org", "hotline@example.org", "desk@women.example.org",
    ])
    func anAddressThatSaysWhoWeAreIsNot(address: String) {
        #expect(!MailSettings.isNeutral(address))
    }
}
