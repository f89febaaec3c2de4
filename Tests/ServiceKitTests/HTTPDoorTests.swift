import Glibc
import Hummingbird
import Logging
import Testing

@testable import ServiceKit

@Suite struct HTTPDoorTests {
    private func door(host: String, port: Int) -> HTTPDoor<BasicEdgeContext> {
        let logger = LogRecorder().logger()
        return HTTPDoor(
            Router(context: BasicEdgeContext.self), address: HTTPAddress(host: host, port: port),
            operations: Operations(metrics: MetricsRegistry(), checks: [], logger: logger), logger: logger)
    }

    @Test func aPortInUseIsNamedWithItsVariable() async throws {
        let taken = try TakenPort()
        defer { taken.release() }
        let exit = await #expect(throws: ServiceExit.self) {
            try await self.door(host: "127.0.0.1", port: taken.port).run()
        }
        #expect(exit?.code == .unavailable)
        #expect(
            exit?.reason
                == "port \(taken.port) on 127.0.0.1 is already in use; end the other process or set DANDELION_HTTP_PORT to a free one"
        )
    }

    @Test func aHostThatCannotBeResolvedIsAConfigurationError() async throws {
        let exit = await #expect(throws: ServiceExit.self) {
            try await self.door(host: "no-such-host.invalid", port: 0).run()
        }
        #expect(exit?.code == .configuration)
        #expect(exit?.reason.contains("DANDELION_HTTP_HOST") == true)
    }

    @Test func anAddressOfAnotherMachineIsAConfigurationError() async throws {
        let exit = await #expect(throws: ServiceExit.self) { try await self.door(host: "192.0.2.1", port: 0).run() }
        #expect(exit?.code == .configuration)
        #expect(exit?.reason.contains("DANDELION_HTTP_HOST") == true)
    }
}

/// A port of this machine that something listens on.
struct TakenPort {
    struct Failed: Error {}

    let port: Int
    private let descriptor: Int32

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard result else { throw Failed() }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    func release() {
        close(self.descriptor)
    }
}
