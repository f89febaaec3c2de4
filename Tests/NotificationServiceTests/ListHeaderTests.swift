import Foundation
import Mail
import Messaging
import Safeguarding
import TestSupport
import Testing

@testable import NotificationService

/// List headers stand where a desk gets many mails, and never where somebody could see that there is a list.
@Suite struct ListHeaderTests {
    private func provider(_ server: MailServer) throws -> MailProvider {
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        return MailProvider(
            name: "mail", sender: .mail(address: "no-reply@example.org"), client: client,
            unsubscribe: "desk-admin@example.org")
    }

    @Test func aDeskMayUnsubscribeFromWhatItCanDoWithout() async throws {
        let server = try MailServer()
        let mail = try self.provider(server)
        try await withNotification { notification in
            _ = try await notification.notice(kind: "case_closed")
            try await notification.work(desk: [mail])
            #expect(
                try server.received().map(\.list) == [
                    """
                    List-Id: <notices.example.org> \
                    List-Unsubscribe: <mailto:desk-admin@example.org?subject=unsubscribe>
                    """
                ])
        }
    }

    @Test func aStatutoryNoticeOffersNoWayOut() async throws {
        let server = try MailServer()
        let mail = try self.provider(server)
        try await withNotification { notification in
            _ = try await notification.notice(kind: "clock_breached")
            try await notification.work(desk: [mail])
            #expect(try server.received().map(\.list) == ["List-Id: <notices.example.org>"])
        }
    }

    @Test func aHelpSeekersMailIsOnNoList() async throws {
        let server = try MailServer()
        let mail = try self.provider(server)
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [mail])
            #expect(try server.received().map(\.list) == [""])
        }
    }

    /// The permission is over before the mail's turn comes: it is asked for again, and nothing was sent.
    @Test func aMailWhoseTurnComesTooLateIsNotSent() async throws {
        let server = try MailServer()
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        let mail = try OutgoingMail(id: UUID(), to: "a@example.org", subject: "x", text: "y", date: Date())
        let turn = TestSignal<Void>("its turn")
        let outcome = await client.send(mail, startingBefore: .now - .milliseconds(1)) { turn.send() }
        #expect(outcome == .transientFailure(MailFailure(reason: .expired)))
        #expect(try server.received().isEmpty)
        #expect(turn.pending == 0, "its turn never came")
    }

    /// A mail for which others wait is given less time than the configuration gives.
    @Test func aMailMayBeGivenLessTime() async throws {
        let server = try MailServer(MailServer.Options(delay: 20))
        let client = SMTPClient(
            try SMTPConfiguration(url: "smtp://127.0.0.1:\(server.port)", sender: "no-reply@example.org"))
        let mail = try OutgoingMail(id: UUID(), to: "a@example.org", subject: "x", text: "y", date: Date())
        let turn = TestSignal<Void>("its turn")
        let outcome = await client.send(mail, timeout: .milliseconds(500)) { turn.send() }
        #expect(outcome == .transientFailure(MailFailure(reason: .timeout, smtpCode: 354, mayHaveArrived: true)))
        #expect(turn.pending == 1)
    }
}
