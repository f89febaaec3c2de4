import Foundation
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

@testable import GatewayService

/// An endpoint, a process of its own, that lies, hangs and floods: each webhook ends within its time, as a code.
@Suite struct HostileEndpointTests {
    private struct Endpoint: Sendable {
        let process: ServiceProcess
        let plain: Int
        let secure: Int

        init() async throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            self.process = try ServiceProcess(root.appending(path: "deploy/bench/hostile-endpoint").path())
            try await self.process.waitForOutput(containing: "ready")
            let words = self.process.output.split { $0 == " " || $0 == "\n" }
            guard words.count >= 4, let plain = Int(words[1]), let secure = Int(words[2]) else {
                throw ServiceProcess.LaunchFailed(description: self.process.output)
            }
            self.plain = plain
            self.secure = secure
        }
    }

    private func settings() -> WebhookSender.Settings {
        var settings = WebhookSender.Settings()
        settings.allowsPlainHTTP = true
        settings.networks = .loopback
        return settings
    }

    private func send(_ url: String, _ settings: WebhookSender.Settings) async throws -> WebhookSender.Result {
        try await WebhookSender(settings).send([1, 2], id: UUID(), to: url, secrets: [[3]], at: Date())
    }

    @Test(arguments: [
        ("/never", "timed_out"), ("/drip-head", "timed_out"), ("/drip-body", "timed_out"), ("/continue", "timed_out"),
        ("/long-head", "not_reached"), ("/garbage", "not_reached"), ("/short", "not_reached"),
        ("/close", "not_reached"), ("/redirect", "http_307"), ("/flood", "delivered"), ("/ok", "delivered"),
    ])
    func whateverItDoesTheWebhookEndsAsACode(path: String, code: String) async throws {
        let endpoint = try await Endpoint()
        var settings = self.settings()
        // Long enough for an honest answer on a busy machine; what hangs would hang for ever.
        settings.timeout = .seconds(code == "timed_out" ? 1 : 30)
        let result = try await self.send("http://localhost:\(endpoint.plain)\(path)", settings)
        #expect(result.code == code)
        #expect(!endpoint.process.output.contains("/stolen"), "a redirect is not followed")
    }

    @Test func aCertificateThatNobodyVouchesForIsRefusedBeforeAnythingIsSaid() async throws {
        let endpoint = try await Endpoint()
        let result = try await self.send("https://localhost:\(endpoint.secure)/ok", self.settings())
        #expect(result == .failed(code: "not_reached"))
        #expect(!endpoint.process.output.contains("request"))
    }

    @Test(arguments: ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.1"])
    func anAddressInsideIsNotConnectedTo(host: String) async throws {
        let endpoint = try await Endpoint()
        var settings = self.settings()
        settings.networks = WebhookNetworks()
        let result = try await self.send("http://\(host):\(endpoint.plain)/ok", settings)
        #expect([.failed(code: "forbidden_address"), .failed(code: "bad_url")].contains(result), "\(result)")
        #expect(!endpoint.process.output.contains("request"))
    }

    /// DNS rebinding: a name that is outside when it is judged and inside when it is connected to. It is looked up once, and the
    /// address that was judged is the one that is connected to.
    @Test func aNameThatChangesBetweenLookUpsGainsNothing() async throws {
        let endpoint = try await Endpoint()
        let lookUps = NIOLockedValueBox(0)
        var settings = self.settings()
        settings.networks = WebhookNetworks()
        settings.timeout = .seconds(1)
        // The name is one that the system knows as inside; what is judged is outside (and answers nobody).
        settings.resolver = NameResolver { _ in
            lookUps.withLockedValue { $0 += 1 }
            return ["240.0.0.1", "192.0.2.1", "11.255.255.1"]
        }
        for host in ["localhost", "LOCALHOST", "LocalHost"] {
            let result = try await self.send("http://\(host):\(endpoint.plain)/ok", settings)
            #expect(["timed_out", "not_reached"].contains(result.code), "\(host): \(result)")
        }
        #expect(lookUps.withLockedValue { $0 } == 3)
        #expect(!endpoint.process.output.contains("request"), "nothing was sent to what the name is by now")
    }

    @Test(arguments: [
        "http://user:secret@localhost/ok", "http://user@localhost/ok", "http://localhost%00.example.org/ok",
        "http://loc%61lhost/ok", "http://fe80::1%25eth0/ok", "unix:///run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/ok", "file:///etc/passwd",
    ])
    func whatIsNoPlainAddressIsNotSentTo(url: String) async throws {
        let result = try await self.send(url, self.settings())
        #expect(result == .failed(code: "bad_url"))
    }
}
