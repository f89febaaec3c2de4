import DandelionAgency
import FoundationEssentials
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import GatewayService

/// Clients that hold connections and say little: each ends in a bounded time, and none keeps the door from others.
@Suite struct SlowClientTests {
    /// A connection that is written to by hand.
    private struct Socket: Sendable {
        let channel: any Channel

        init(_ url: String) async throws {
            let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
            self.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "localhost", port: port).get()
        }

        func write(_ text: String) async throws {
            try await self.channel.writeAndFlush(ByteBuffer(string: text))
        }

        /// A byte every 100 ms until the other end has closed the connection.
        func drip(_ byte: String) async {
            while self.channel.isActive {
                do {
                    try await self.write(byte)
                    try await Task.sleep(for: .milliseconds(100))
                } catch {
                    return  // Closed in between.
                }
            }
        }
    }

    /// A head that never ends. The test ends when the door has closed all of them; meanwhile others are answered.
    @Test(.timeLimit(.minutes(2))) func aHeadThatNeverEndsIsClosedAndOthersAreServed() async throws {
        try await withGateway(idleTimeout: .seconds(2)) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let socket = try await Socket(gateway.url)
                        try await socket.write("POST /v1/leases HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
                        await socket.drip("a")
                    }
                }
                let lease = try #require(try await gateway.client(agency).lease(wait: .zero).first)
                #expect(lease.referral.number == offer.number)
                try await group.waitForAll()
            }
        }
    }

    /// A body that comes a byte at a time is never silent. What it says in the end is never heard.
    @Test(.timeLimit(.minutes(2))) func aBodyThatNeverEndsIsClosedAndOthersAreServed() async throws {
        try await withGateway(bodyTimeout: .seconds(2)) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<10 {
                    group.addTask {
                        let socket = try await Socket(gateway.url)
                        let length = index % 2 == 0 ? "content-length: 16000" : "transfer-encoding: chunked"
                        try await socket.write(
                            """
                            POST /v1/leases HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(agency.key)\r
                            content-type: application/json\r\n\(length)\r\n\r\n
                            """)
                        await socket.drip(index % 2 == 0 ? " " : "1\r\n \r\n")
                    }
                }
                let lease = try #require(try await gateway.client(agency).lease(wait: .zero).first)
                #expect(lease.referral.number == offer.number)
                try await group.waitForAll()
            }
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 200)
        }
    }

    /// A thousand connections that are silent, half of them after a request, cost nobody his answer or his bell.
    @Test(.timeLimit(.minutes(5))) func aThousandIdleConnectionsDelayNobody() async throws {
        OpenFiles.raiseLimit()
        // Longer than a busy machine takes for the test: that silence ends is another's test.
        try await withGateway(idleTimeout: .seconds(600)) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            var sockets: [Socket] = []
            for index in 0..<1000 {
                let socket = try await Socket(gateway.url)
                if index % 2 == 0 { try await socket.write("GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n") }
                sockets.append(socket)
            }
            async let leases = gateway.client(agency).lease(wait: .seconds(20))
            try await eventually("the poll waits") { gateway.parts.polls.count == 1 }
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.ring(agency)
            #expect(try await leases.map(\.referral.number) == [offer.number])
            #expect(sockets.filter(\.channel.isActive).count == sockets.count)
            for socket in sockets { try await socket.channel.close() }
        }
    }
}
