import Foundation
import Mail
import Testing

@Suite(.serialized) struct SMTPClientTests {
    private func client(
        _ server: MailServer, scheme: String = "smtp", host: String = "127.0.0.1", user: String? = nil,
        password: String? = nil, requiresTLS: Bool = false, _ change: (inout SMTPConfiguration) -> Void = { _ in }
    ) throws -> SMTPClient {
        var configuration = try SMTPConfiguration(
            url: "\(scheme)://\(host):\(server.port)", sender: "desk@example.org", user: user, password: password,
            requiresTLS: requiresTLS)
        configuration.timeout = .seconds(10)
        change(&configuration)
        return SMTPClient(configuration)
    }

    private func mail(
        id: UUID = UUID(), to recipient: String = "she@example.net", subject: String = "您好", text: String = "您好。"
    ) throws -> OutgoingMail {
        try OutgoingMail(
            id: id, to: recipient, subject: subject, text: text, date: Date(timeIntervalSince1970: 1_709_208_000))
    }

    // MARK: - What arrives

    @Test(arguments: [
        "您好",
        "Hello",
        "预约提醒：" + String(repeating: "请在方便的时候与我们联系，", count: 12),
        "a =?utf-8?B?x?= look-alike",
        "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ и́й 👩‍👧",
    ])
    func subjectArrivesAsItWasWritten(subject: String) async throws {
        let server = try MailServer()
        #expect(try await self.client(server).send(self.mail(subject: subject)) == .accepted)
        #expect(try server.received().map(\.subject) == [subject])
    }

    @Test(arguments: [
        "您好，方便的时候请回电。",
        "one\ntwo\r\nthree\rfour",
        ".\n..\n.dot\n.\n",
        String(repeating: "很长的一封信。", count: 40_000),
    ])
    func textArrivesWithItsLines(text: String) async throws {
        let server = try MailServer()
        #expect(try await self.client(server).send(self.mail(text: text)) == .accepted)
        let expected = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        let received = try #require(server.received().first)
        #expect(received.text == expected)
    }

    @Test func headersNameSenderRecipientAndDate() async throws {
        let server = try MailServer()
        #expect(try await self.client(server).send(self.mail()) == .accepted)
        let received = try #require(server.received().first)
        #expect(received.from == "<desk@example.org>" || received.from == "desk@example.org")
        #expect(received.to.contains("she@example.net"))
        #expect(received.recipients == ["she@example.net"])
        #expect(received.date == 1_709_208_000)
    }

    @Test func aRepeatedNoticeHasTheSameMessageID() async throws {
        let server = try MailServer()
        let client = try self.client(server)
        let id = UUID()
        #expect(try await client.send(self.mail(id: id)) == .accepted)
        #expect(try await client.send(self.mail(id: id)) == .accepted)
        #expect(try await client.send(self.mail()) == .accepted)
        let ids = try server.received().map(\.messageID)
        #expect(ids[0] == "<\(id.uuidString.lowercased())@example.org>")
        #expect(ids[0] == ids[1])
        #expect(ids[0] != ids[2])
    }

    // MARK: - Refusals of the server

    @Test func aRefusedMailboxIsPermanentAndSaysNothingAboutIt() async throws {
        let server = try MailServer()
        let outcome = try await self.client(server).send(self.mail(to: "refused@example.net"))
        #expect(outcome == .permanentFailure(MailFailure(reason: .refused, smtpCode: 550)))
        #expect(!"\(outcome)".contains("example"))
        #expect(try server.received().isEmpty)
    }

    @Test func aMailboxThatIsBusyIsTransient() async throws {
        let server = try MailServer()
        let client = try self.client(server)
        #expect(
            try await client.send(self.mail(to: "later@example.net"))
                == .transientFailure(MailFailure(reason: .refused, smtpCode: 451)))
        #expect(try await client.send(self.mail()) == .accepted, "the connection is still good for others")
    }

    @Test func nobodyListeningIsTransient() async throws {
        let server = try MailServer()
        let client = try self.client(server)
        try await server.stop()
        #expect(try await client.send(self.mail()) == .transientFailure(MailFailure(reason: .unreachable)))
    }

    @Test func aSilentServerIsGivenUpInTime() async throws {
        let server = try MailServer()
        let client = try self.client(server) { $0.timeout = .milliseconds(500) }
        let start = ContinuousClock.now
        let outcome = try await client.send(self.mail(to: "slow@example.net"))
        guard case .transientFailure(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .timeout)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    // MARK: - TLS and passwords

    @Test func requiredTLSIsUsed() async throws {
        let certificate = try Certificate()
        let server = try MailServer(MailServer.Options(certificate: certificate))
        let client = try self.client(server, host: "localhost", requiresTLS: true) {
            $0.certificateAuthorities = certificate.path
        }
        #expect(try await client.send(self.mail()) == .accepted)
        #expect(try server.received().map(\.isTLS) == [true])
    }

    @Test func nothingIsSentWhereRequiredTLSIsNotOffered() async throws {
        let server = try MailServer()
        let outcome = try await self.client(server, requiresTLS: true).send(self.mail())
        guard case .transientFailure(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .tls)
        #expect(try server.received().isEmpty)
    }

    @Test(arguments: ["smtp", "smtps"])
    func nothingIsSentToAServerThatIsNotTrusted(scheme: String) async throws {
        let server = try MailServer(
            MailServer.Options(certificate: Certificate(), isImplicitTLS: scheme == "smtps"))
        let outcome = try await self.client(server, scheme: scheme, requiresTLS: true).send(self.mail())
        guard case .transientFailure(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .tls)
        #expect(try server.received().isEmpty)
    }

    @Test func implicitTLSWorks() async throws {
        let certificate = try Certificate()
        let server = try MailServer(MailServer.Options(certificate: certificate, isImplicitTLS: true))
        let client = try self.client(server, scheme: "smtps", host: "localhost") {
            $0.certificateAuthorities = certificate.path
        }
        #expect(try await client.send(self.mail()) == .accepted)
        #expect(try server.received().map(\.isTLS) == [true])
    }

    @Test func thePasswordIsGivenAndAWrongOneIsNoFaultOfTheMail() async throws {
        let server = try MailServer(MailServer.Options(wantsPassword: true))
        let right = try self.client(server, user: "sender", password: "geheim")
        #expect(try await right.send(self.mail()) == .accepted)
        #expect(try server.received().map(\.user) == ["sender"])
        let wrong = try await self.client(server, user: "sender", password: "falsch").send(self.mail())
        guard case .transientFailure(let failure) = wrong else {
            Issue.record("\(wrong)")
            return
        }
        #expect(failure.reason == .authentication)
        #expect(try server.received().count == 1)
    }

    // MARK: - Connections and threads

    @Test func mailsShareOneConnection() async throws {
        let server = try MailServer()
        let client = try self.client(server) { $0.connections = 1 }
        for _ in 0..<10 {
            #expect(try await client.send(self.mail()) == .accepted)
        }
        #expect(try Set(server.received().map(\.peer)).count == 1)
    }

    @Test func aServerThatWasRestartedIsReachedAgain() async throws {
        let first = try MailServer()
        let client = try self.client(first) { $0.connections = 1 }
        #expect(try await client.send(self.mail()) == .accepted)
        try await first.stop()
        let second = try MailServer(MailServer.Options(port: first.port))
        #expect(try await client.send(self.mail()) == .accepted)
        #expect(try second.received().count == 1)
    }

    @Test func manyMailsAtOnceAllArrive() async throws {
        let server = try MailServer()
        let client = try self.client(server) { $0.connections = 3 }
        let ids = (0..<60).map { _ in UUID() }
        try await withThrowingTaskGroup { group in
            for id in ids {
                let mail = try self.mail(id: id)
                group.addTask { await client.send(mail) }
            }
            for try await outcome in group {
                #expect(outcome == .accepted)
            }
        }
        let received = try server.received().map(\.messageID)
        #expect(received.count == 60)
        #expect(Set(received) == Set(ids.map { "<\($0.uuidString.lowercased())@example.org>" }))
    }

    @Test func tooManyWaitingMailsFailAtOnceAndCancelledOnesAreNotSent() async throws {
        let server = try MailServer()
        let client = try self.client(server) {
            $0.connections = 1
            $0.maximumWaiting = 1
            $0.timeout = .seconds(2)
        }
        // One holds the only thread until its timeout; of the others one may wait. Whichever it is, it is cancelled.
        let holding = try self.mail(to: "slow@example.net")
        let others = try (0..<3).map { _ in try self.mail() }
        let outcomes = await withTaskGroup(of: MailOutcome.self) { group in
            group.addTask { await client.send(holding) }
            for other in others {
                group.addTask { await client.send(other) }
            }
            var outcomes: [MailOutcome] = []
            for await outcome in group {
                outcomes.append(outcome)
                group.cancelAll()
            }
            return outcomes
        }
        #expect(outcomes.count == 4)
        #expect(outcomes.contains(.transientFailure(MailFailure(reason: .busy))))
    }

    @Test func aClientThatWasShutDownSendsNothing() async throws {
        let server = try MailServer()
        let client = try self.client(server)
        client.shutdown()
        #expect(try await client.send(self.mail()) == .transientFailure(MailFailure(reason: .busy)))
        #expect(try server.received().isEmpty)
    }
}

@Suite struct MailRefusalTests {
    @Test(arguments: [
        "", "she", "@example.net", "she@", "a@b@c", "she@example.net\r\nBcc: x@y.z", "she@example.net\n",
        "she @example.net",
        "<she@example.net>", "she@example.net,x@y.z", "\"she\"@example.net", "she@exa mple.net", "她@example.net",
        "she@例子.net",
        "she@-a.net", "she@a..net", "she@example.net>\r\nRCPT TO:<x@y.z", "she\u{0}@example.net",
    ])
    func anAddressThatIsNotPlainIsRefused(address: String) {
        #expect(throws: MailError.self) {
            try OutgoingMail(id: UUID(), to: address, subject: "x", text: "x", date: Date())
        }
    }

    @Test(arguments: ["x\r\nBcc: x@y.z", "x\ny", "x\ry", "x\u{0}", "x\u{85}y", "x\u{2028}y"])
    func aSubjectWithALineBreakIsRefused(subject: String) {
        #expect(throws: MailError.self) {
            try OutgoingMail(id: UUID(), to: "she@example.net", subject: subject, text: "x", date: Date())
        }
    }

    @Test(arguments: [
        "http://mail", "smtp://", "mail:25", "smtp://user:secret@mail", "smtp://mail:0", "smtp://mail:99999",
        "smtp://mail/x",
        "smtp://mail?x", "smtp://ma il", "smtp://mail\r\n", "smtp://[::1", "smtp://[x]:25",
    ])
    func aURLThatIsNotAServerIsRefused(url: String) throws {
        let error = #expect(throws: MailError.self) { try SMTPConfiguration(url: url, sender: "desk@example.org") }
        #expect(error?.code == .badURL)
        #expect(error.map { !$0.description.contains("secret") } == true)
    }

    @Test(arguments: [
        "smtp://127.0.0.1:2525", "smtps://mail.example.org", "smtp://[::1]:25", "smtp://mail.example.org/",
    ])
    func aServerIsTaken(url: String) throws {
        _ = try SMTPConfiguration(url: url, sender: "desk@example.org")
    }

    @Test func aPasswordDoesNotCrossANetworkInClear() throws {
        func configure(_ url: String, requiresTLS: Bool = false) throws {
            _ = try SMTPConfiguration(
                url: url, sender: "desk@example.org", user: "u", password: "geheim", requiresTLS: requiresTLS)
        }
        #expect(throws: MailError.self) { try configure("smtp://mail.example.org") }
        try configure("smtp://mail.example.org", requiresTLS: true)
        try configure("smtps://mail.example.org")
        try configure("smtp://127.0.0.1:2525")
    }

    @Test func nothingPrintsAnAddressOrAPassword() throws {
        let configuration = try SMTPConfiguration(
            url: "smtps://mail.example.org", sender: "desk@example.org", user: "sender", password: "geheim")
        let mail = try OutgoingMail(id: UUID(), to: "she@example.net", subject: "题目", text: "内容", date: Date())
        var printed = "\(configuration) \(mail)"
        dump(configuration, to: &printed)
        dump(mail, to: &printed)
        for secret in ["example", "sender", "geheim", "题目", "内容"] {
            #expect(!printed.contains(secret))
        }
    }
}
