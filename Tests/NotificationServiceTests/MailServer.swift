import Foundation
import Glibc
import TestSupport

/// A real SMTP server in a process of its own (aiosmtpd), which decodes what it takes with Python's mail library: not
/// with the code under test.
final class MailServer {
    struct Options {
        /// Where to listen; 0 picks a free port.
        var port = 0
        /// Offer STARTTLS with this certificate, or speak TLS from the first byte.
        var certificate: Certificate?
        var isImplicitTLS = false
        /// Ask for user `sender` and password `geheim`.
        var wantsPassword = false
        /// Seconds between the last byte of a mail and the answer.
        var delay = 0.0
    }

    struct Received: Decodable {
        var subject: String
        var text: String
        var messageID: String
        var from: String
        var to: String
        /// As seconds since 1970.
        var date: Double
        var recipients: [String]
        var isTLS: Bool
        var user: String?
        /// The client's port: the same for mails of one connection.
        var peer: Int
        /// The List headers, joined.
        var list: String
    }

    struct Failure: Error {
        var text: String
    }

    let port: Int
    private let process: ServiceProcess
    private let directory: URL

    init(_ options: Options = Options()) throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent("mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        let script = self.directory.appendingPathComponent("server.py")
        let ready = self.directory.appendingPathComponent("ready").path
        try Self.script.write(to: script, atomically: true, encoding: .utf8)
        guard mkfifo(ready, 0o600) == 0 else { throw Failure(text: "no pipe for the mail server's port") }
        self.process = try ServiceProcess(
            "/usr/bin/python3",
            arguments: [
                script.path, self.directory.path, "\(options.port)", options.certificate?.path ?? "",
                options.isImplicitTLS ? "implicit" : "starttls", options.wantsPassword ? "password" : "open", ready,
                "\(options.delay)",
            ])
        // The server writes its port once it listens, and closes the pipe without one when it cannot.
        let line = String(
            decoding: FileHandle(forReadingAtPath: ready)?.readDataToEndOfFile() ?? Data(), as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Failure(
                text: "the mail server did not start (is python3-aiosmtpd installed?)\n\(self.process.output)")
        }
        self.port = port
    }

    deinit {
        try? FileManager.default.removeItem(at: self.directory)
    }

    func stop() async throws {
        self.process.kill()
        _ = try await self.process.waitForExit()
    }

    /// What was taken, in order.
    func received() throws -> [Received] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try FileManager.default.contentsOfDirectory(atPath: self.directory.path).filter { $0.hasSuffix(".json") }
            .sorted().map { name in
                try decoder.decode(
                    Received.self, from: Data(contentsOf: self.directory.appendingPathComponent(name)))
            }
    }

    private static let script = """
        import sys

        directory, port, certificate, mode, password, ready, delay = sys.argv[1:]
        ready = open(ready, "w")  # first: whatever fails from here on closes it, and the test hears of it

        import asyncio, email, email.policy, email.utils, json, os, ssl
        from aiosmtpd.smtp import AuthResult, SMTP

        class Handler:
            count = 0

            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("refused@"):
                    return "550 no such mailbox: " + address
                if address.startswith("later@"):
                    return "451 not now: " + address
                if address.startswith("slow@"):
                    await asyncio.sleep(30)
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
                Handler.count += 1
                record = {
                    "subject": mail["subject"], "message_id": mail["message-id"],
                    "text": mail.get_content().replace("\\r\\n", "\\n"),
                    "from": mail["from"], "to": mail["to"],
                    "date": email.utils.parsedate_to_datetime(mail["date"]).timestamp(),
                    "recipients": envelope.rcpt_tos, "is_t_l_s": bool(session.ssl) or mode == "implicit",
                    "user": session.auth_data, "peer": session.peer[1],
                    "list": " ".join(h + ": " + mail[h] for h in ("List-Id", "List-Unsubscribe") if mail[h]),
                }
                record["isTLS"] = record.pop("is_t_l_s")
                record["messageID"] = record.pop("message_id")
                path = os.path.join(directory, "%08d" % Handler.count)
                with open(path + ".part", "w") as file:
                    json.dump(record, file)
                os.rename(path + ".part", path + ".json")
                if float(delay): await asyncio.sleep(float(delay))
                return "250 taken"

        def authenticate(server, session, envelope, mechanism, data):
            good = data.login == b"sender" and data.password == b"geheim"
            return AuthResult(success=good, handled=good, auth_data="sender" if good else None)

        context = None
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)

        def session():
            return SMTP(
                Handler(), hostname="mail.test", tls_context=None if mode == "implicit" else context,
                authenticator=authenticate if password == "password" else None,
                auth_required=password == "password", auth_require_tls=False)

        async def main():
            server = await asyncio.get_running_loop().create_server(
                session, "127.0.0.1", int(port), ssl=context if mode == "implicit" else None)
            print(server.sockets[0].getsockname()[1], file=ready)
            ready.close()
            await server.serve_forever()

        asyncio.run(main())
        """
}

/// A self-signed certificate of `localhost` and 127.0.0.1 with its key, in one file that is removed with this object.
final class Certificate {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
        let key = directory.appendingPathComponent("\(UUID().uuidString).key").path
        let certificate = directory.appendingPathComponent("\(UUID().uuidString).pem").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
            "-out", certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let both = try Data(contentsOf: URL(fileURLWithPath: key)) + Data(contentsOf: URL(fileURLWithPath: certificate))
        try FileManager.default.removeItem(atPath: key)
        try both.write(to: URL(fileURLWithPath: certificate))
        self.path = certificate
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }
}
