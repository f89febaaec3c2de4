import Casework
import Foundation
import Mail
import Safeguarding
import Testing

@testable import NotificationService

/// Invariant 6: nothing reaches a person outside her rules. Each test tries to get something through.
@Suite struct NotifyPersonTests {
    private let desk = Outbox()

    @Test func withinHerHoursSheIsWrittenToAndNothingIsSaid() async throws {
        let server = try MailServer()
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "post@example.org"))
        try await withNotification { notification in
            let message = try await notification.message()
            try await notification.work(send: self.desk.send, people: { await client.send($0) })
            let mail = try #require(try server.received().first)
            #expect(mail.subject == "请回电")
            #expect(mail.recipients == ["she@example.net"])
            #expect(mail.messageID.lowercased().contains(message.uuidString.lowercased()))
            #expect(!"\(mail)".contains("\(notification.number)"))
            #expect(DenyList.helpSeeker.firstHit(in: mail.subject + mail.text) == nil)
            #expect(try await notification.messageStates() == "sent")
            #expect(try await notification.jobStates() == "notify_person completed")
        }
    }

    @Test func outsideHerHoursTheMessageWaitsForThem() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(send: self.desk.send, people: people.send, now: Beijing.at(hour: 20))
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "deferred outside_hours")
            #expect(try await notification.jobStates() == "notify_person scheduled")
            let wait = try await notification.text(
                "SELECT round(extract(epoch FROM scheduled_at - clock_timestamp()) / 3600)::text FROM queue.job",
                "t_wait")
            #expect(wait == "13")
            // Still outside: nothing changes. Inside: it goes.
            try await notification.makeDue()
            try await notification.work(send: self.desk.send, people: people.send, now: Beijing.at(hour: 21))
            #expect(people.count == 0)
            try await notification.makeDue()
            try await notification.work(send: self.desk.send, people: people.send, now: Beijing.at(hour: 33))
            #expect(people.count == 1)
            #expect(try await notification.messageStates() == "sent")
            let events = try await notification.text(
                "SELECT string_agg(kind, ' ' ORDER BY id) FROM casework.event WHERE kind LIKE 'message%'", "t_events")
            #expect(events == "message_deferred message_sent")
        }
    }

    @Test func aRetryThatCrossesTheEdgeOfHerHoursIsDeferred() async throws {
        let away = Outbox(.transientFailure(MailFailure(reason: .unreachable)))
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(send: self.desk.send, people: away.send, now: Beijing.at(hour: 17.9))
            #expect(away.count == 1)
            #expect(try await notification.jobStates() == "notify_person retryable")
            try await notification.makeDue()
            try await notification.work(send: self.desk.send, people: people.send, now: Beijing.at(hour: 18.01))
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "deferred outside_hours")
        }
    }

    /// Whoever cannot be written to is put to the owner's desk, in the same transaction.
    private func expectSuppressed(
        _ reason: SuppressionReason, _ people: [Someone], to person: Int = 0, template: String = "please_call_back",
        sender: Bool = true, tampering: String? = nil, location: SourceLocation = #_sourceLocation
    ) async throws {
        let outbox = Outbox()
        let desk = Outbox()
        try await withNotification(people) { notification in
            if let tampering { try await notification.run(tampering, "t_tamper") }
            _ = try await notification.message(to: person, template: template)
            try await notification.work(send: desk.send, people: sender ? outbox.send : nil)
            #expect(outbox.count == 0, sourceLocation: location)
            #expect(try await notification.messageStates() == "suppressed \(reason.rawValue)", sourceLocation: location)
            #expect(try await notification.noticeStates() == "contact_suppressed sent", sourceLocation: location)
            #expect(
                try await notification.jobStates() == "notify_person completed, notify_staff completed",
                sourceLocation: location)
            #expect(desk.count == 1, sourceLocation: location)
        }
    }

    @Test func withoutARuleNothingIsSent() async throws {
        try await expectSuppressed(.noRule, [Someone(rule: nil)])
    }

    @Test func neverMeansNever() async throws {
        try await expectSuppressed(.never, [Someone(rule: .init(channel: .none))])
    }

    @Test func anOldRuleHasToBeConfirmedAgain() async throws {
        try await expectSuppressed(
            .expired, [Someone(rule: .init(confirmedAt: Beijing.noon.addingTimeInterval(-91 * 86_400)))])
    }

    @Test func aStoppedPersonIsLeftAlone() async throws {
        try await expectSuppressed(
            .stopped, [Someone()], tampering: "UPDATE casework.contact_rule SET stopped_at = '2026-03-04 00:00:00+08'")
    }

    @Test func aRuleSomebodyChangedIsRefused() async throws {
        try await expectSuppressed(
            .refusedRule, [Someone()], tampering: "UPDATE casework.contact_rule SET to_minute = 1440")
    }

    @Test func anAddressThatIsAlsoTheRespondentsIsNotUsed() async throws {
        let respondent = Someone(role: .respondent, email: "She+home@EXAMPLE.net", rule: nil)
        try await expectSuppressed(.respondentContact, [Someone(), respondent])
    }

    @Test func aRespondentWhoseContactCannotBeReadForbidsEverything() async throws {
        let respondent = Someone(role: .respondent, email: "he@example.net", rule: nil)
        try await expectSuppressed(
            .unreadableData, [Someone(), respondent],
            tampering:
                "UPDATE casework.person SET email = set_byte(email, length(email) - 1, 0) WHERE role = 'respondent'")
    }

    /// The sealed address of another person, put into her row, does not open there.
    @Test func anAddressMovedFromAnotherRowIsRefused() async throws {
        let respondent = Someone(role: .respondent, email: "he@example.net", rule: nil)
        try await expectSuppressed(
            .unreadableData, [Someone(), respondent],
            tampering: """
                UPDATE casework.person SET email = (SELECT email FROM casework.person WHERE role = 'respondent')
                WHERE role = 'help_seeker'
                """)
    }

    @Test func onlyTheHelpSeekerIsWrittenTo() async throws {
        let reporter = Someone(role: .reporter, email: "neighbour@example.net")
        try await expectSuppressed(.notTheHelpSeeker, [Someone(), reporter], to: 1)
    }

    @Test func aChannelWeCannotUseIsForPeople() async throws {
        try await expectSuppressed(
            .channelUnavailable, [Someone(phone: "13900000001", rule: .init(channel: .phone))])
    }

    @Test func withoutANeutralSenderNobodyIsWrittenTo() async throws {
        try await expectSuppressed(.channelUnavailable, [Someone()], sender: false)
    }

    @Test func anUnknownTemplateSaysNothing() async throws {
        try await expectSuppressed(.unknownTemplate, [Someone()], template: "case_update_with_details")
    }

    @Test func aRefusedMailIsPutToTheDesk() async throws {
        let refused = Outbox(.permanentFailure(MailFailure(reason: .refused, smtpCode: 550)))
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(send: self.desk.send, people: refused.send)
            #expect(try await notification.messageStates() == "failed mail_refused")
            #expect(try await notification.noticeStates() == "contact_failed sent")
        }
    }

    @Test func whenEveryAttemptIsUsedUpTheDeskIsTold() async throws {
        let away = Outbox(.transientFailure(MailFailure(reason: .unreachable)))
        try await withNotification { notification in
            _ = try await notification.message(maximumAttempts: 1)
            try await notification.work(send: self.desk.send, people: away.send)
            #expect(try await notification.messageStates() == "failed mail_unreachable")
            #expect(try await notification.noticeStates() == "contact_failed sent")
            #expect(try await notification.jobStates() == "notify_person discarded, notify_staff completed")
        }
    }

    /// A key that is missing here is a fault of the installation: nothing is decided about the person.
    @Test func aMissingKeyIsTriedAgain() async throws {
        let people = Outbox()
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(send: self.desk.send, people: people.send, keyring: try self.otherKeyring())
            #expect(people.count == 0)
            #expect(try await notification.messageStates() == "pending")
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
            try await notification.work(send: self.desk.send, people: people.send)
            try await notification.run(
                """
                INSERT INTO queue.job (queue, kind, args, state)
                SELECT 'notification', kind, args, 'available' FROM queue.job_history
                """, "t_again")
            try await notification.work(send: self.desk.send, people: people.send)
            #expect(people.count == 1)
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
