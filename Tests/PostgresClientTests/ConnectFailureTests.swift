import Glibc
import JobTestKit
import Testing
import TestSupport

@testable import PostgresClient

@Suite struct ConnectFailureTests {
    /// Listens and never answers, as a process that hangs.
    private static func withSilentPort<Value>(_ body: (UInt16) async throws -> Value) async throws -> Value {
        let (listener, port) = try FaultProxy.listen()
        defer { close(listener) }
        return try await body(port)
    }

    /// A port that nobody listens on.
    private static func closedPort() throws -> UInt16 {
        let (listener, port) = try FaultProxy.listen()
        close(listener)
        return port
    }

    private func connect(
        _ dsn: String, timeout: Duration = .seconds(5), preparesStatements: Bool = true
    ) async throws -> Int {
        var configuration = try TestAddress.configuration()
        configuration.dsn = dsn
        configuration.connectTimeout = timeout
        configuration.preparesStatements = preparesStatements
        return try await withConnection(configuration) { try await $0.value("SELECT 1") }
    }

    private func expectNoSecret(_ error: PostgresError, sourceLocation: SourceLocation = #_sourceLocation) {
        var dumped = ""
        dump(error, to: &dumped)
        for text in [dumped, "\(error)", String(reflecting: error)] {
            for secret in ["s3cret", "hidden_host", "hidden_user", "hidden_db"] {
                #expect(!text.contains(secret), sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: [
        "host=hidden_host password", "postgres://hidden_user:s3cret@[hidden_host/hidden_db", "hidden_db",
        "host=hidden_host nonsense=s3cret", "password='s3cret", "postgres://hidden_user:s3cret@hidden_host:port%zz/",
    ])
    func aMalformedDSNIsRefused(dsn: String) async throws {
        let error = try await failure { try await self.connect(dsn) }
        #expect(error.code == .misuse || error.code == .connectionFailed)
        self.expectNoSecret(error)
    }

    @Test func anUnreachableHostIsOneClearError() async throws {
        for dsn in [
            "host=127.0.0.1 port=\(try Self.closedPort()) user=hidden_user password=s3cret dbname=hidden_db",
            "host=hidden_host.invalid user=hidden_user password=s3cret dbname=hidden_db",
            "postgres://hidden_user:s3cret@127.0.0.1:\(try Self.closedPort())/hidden_db",
            "host=/nonexistent/hidden_host user=hidden_user dbname=hidden_db",
        ] {
            let error = try await failure { try await self.connect(dsn) }
            #expect(error.code == .connectionFailed)
            #expect(error.isUnavailable)
            self.expectNoSecret(error)
        }
    }

    @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
        try await Self.withSilentPort { port in
            let error = try await failure {
                try await self.connect("host=127.0.0.1 port=\(port)", timeout: .milliseconds(50))
            }
            #expect(error.code == .connectionFailed)
            #expect(error.detail?.contains("timeout") == true)
        }
    }

    @Test func aRoleThatDoesNotExistIsRefused() async throws {
        let error = try await failure { try await self.connect(try TestAddress.dsn() + " user=hidden_user") }
        #expect(error.code == .connectionFailed)
        self.expectNoSecret(error)
    }

    @Test func theNextHostIsTriedWhenTheFirstRefuses() async throws {
        try await FaultProxy.with(.none) { proxy in
            let dsn = try proxy.configuration().dsn + " host=127.0.0.1,127.0.0.1"
            #expect(try await self.connect(dsn + " port=\(try Self.closedPort()),\(proxy.port)") == 1)
        }
    }

    @Test func theNextHostIsTriedWhenTheFirstNeverAnswers() async throws {
        try await FaultProxy.with(.none) { proxy in
            try await Self.withSilentPort { silent in
                let dsn = try proxy.configuration().dsn + " host=127.0.0.1,127.0.0.1"
                let value = try await self.connect(dsn + " port=\(silent),\(proxy.port)", timeout: .seconds(4))
                #expect(value == 1)
            }
        }
    }

    @Test func theNextHostIsTriedWhenTheFirstTakesNoConnection() async throws {
        // A full queue of connections drops new ones without a word, as a host that was switched off.
        let (listener, port) = try FaultProxy.listen(backlog: 0)
        var fillers: [Int32] = []
        defer { for descriptor in fillers + [listener] { close(descriptor) } }
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            fillers.append(filler)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    _ = Glibc.connect(filler, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        try await FaultProxy.with(.none) { proxy in
            let dsn = try proxy.configuration().dsn + " host=127.0.0.1,127.0.0.1"
            #expect(try await self.connect(dsn + " port=\(port),\(proxy.port)", timeout: .seconds(4)) == 1)
        }
    }

    @Test func theHostThatIsWritableIsChosen() async throws {
        try await FaultProxy.with(.none) { proxy in
            let dsn = try proxy.configuration().dsn + " host=127.0.0.1,127.0.0.1 port=\(proxy.port),\(proxy.port)"
            #expect(try await self.connect(dsn + " target_session_attrs=read-write") == 1)
            let error = try await failure { try await self.connect(dsn + " target_session_attrs=read-only") }
            #expect(error.code == .connectionFailed)
        }
    }

    @Test func theConfigurationIsNeverPrinted() throws {
        let configuration = PostgresConfiguration(dsn: "host=hidden_host password=s3cret", applicationName: "name")
        #expect("\(configuration)" == "PostgresConfiguration(applicationName: name)")
        #expect(!String(reflecting: configuration).contains("s3cret"))
        var dumped = ""
        dump(PostgresPool(configuration, logger: TestAddress.logger), to: &dumped)
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("s3cret") && !dumped.contains("hidden_host"))
    }
}
