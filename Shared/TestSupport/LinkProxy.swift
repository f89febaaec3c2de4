import Glibc
import NIOConcurrencyHelpers
import PostgresClient

/// A TCP port between a client and the test's server that harms the link at a chosen moment.
public final class LinkProxy: Sendable {
    /// What it does to the link.
    public enum Fault: Sendable {
        case none
        /// Cuts the link when the client sends this text, which the server never sees.
        case cut(before: String)
        /// Passes this text on and cuts the link when the server answers it; the answer is lost.
        case loseAnswer(to: String)
        /// From this text on nothing passes, in either direction, and nobody is told.
        case freeze(at: String)
        /// Keeps cancel requests back until `releaseCancels`.
        case holdCancels
        /// Harms the link at each so-manieth time that a client sends this text: by turns `cut(before:)` and
        /// `loseAnswer(to:)`.
        case harm(at: String, every: Int)
    }

    /// There is no socket to be had.
    public struct NoSocket: Error {}

    /// How often `harm(at:every:)` has struck.
    public struct Harm: Sendable, Equatable {
        public var cut = 0
        public var answersLost = 0
    }

    /// Where clients connect, on 127.0.0.1.
    public let port: UInt16
    private let fault: Fault
    private let seen = NIOLockedValueBox<(count: Int, harm: Harm)>((0, Harm()))
    private let serverPath: String
    private let listener: Int32
    /// Everything ends when its write end is closed.
    private let stop: (read: Int32, write: Int32)
    /// Cancel requests pass once there is something to read.
    private let gate: (read: Int32, write: Int32)

    private init(_ fault: Fault, dsn: String) throws {
        func keyword(_ name: String) throws -> Substring {
            for part in dsn.split(separator: " ").reversed() where part.hasPrefix("\(name)=") {
                return part.dropFirst(name.count + 1)
            }
            throw NoSocket()
        }
        self.fault = fault
        self.serverPath = "\(try keyword("host"))/.s.PGSQL.\(try keyword("port"))"
        (self.listener, self.port) = try Self.listen()
        var ends: [Int32] = [0, 0, 0, 0]
        guard pipe(&ends) == 0, pipe(&ends[2]) == 0 else { throw NoSocket() }
        self.stop = (ends[0], ends[1])
        self.gate = (ends[2], ends[3])
    }

    deinit {
        for descriptor in [self.stop.read, self.gate.read, self.gate.write] { close(descriptor) }
    }

    /// Lets the cancel requests pass that `holdCancels` keeps.
    public func releaseCancels() {
        Self.send([1], self.gate.write)
    }

    /// What leads a DSN of the server through this proxy when it is appended to it.
    public var detour: String { "host=127.0.0.1 port=\(self.port) sslmode=disable gssencmode=disable" }

    public var harm: Harm { self.seen.withLockedValue { $0.harm } }

    /// Harms the links of the body.
    /// - Parameter dsn: of the server, with the directory of its socket as the host.
    public static func with<Value>(
        _ fault: Fault, dsn: String, _ body: (LinkProxy) async throws -> Value
    ) async throws -> Value {
        let proxy = try LinkProxy(fault, dsn: dsn)
        BlockingThread.start { proxy.accept() }
        // The threads hold the proxy and close what they use.
        defer { close(proxy.stop.write) }
        return try await body(proxy)
    }

    /// A listening socket of this machine, on a free port.
    public static func listen(backlog: Int32 = 16) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && Glibc.listen(listener, backlog) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard listener >= 0, isListening else { throw NoSocket() }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    // MARK: - On threads of their own

    private func accept() {
        while Self.isReadable(self.listener, unless: self.stop.read) {
            let client = Glibc.accept(self.listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            BlockingThread.start { self.relay(client) }
        }
        close(self.listener)
    }

    private func relay(_ client: Int32) {
        defer { Self.cut(client) }
        let server = self.connectToServer()
        guard server >= 0 else { return }
        defer { Self.cut(server) }
        while true {
            var descriptors = [client, server, self.stop.read].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&descriptors, 3, -1) > 0, descriptors[2].revents == 0 else { return }
            if descriptors[0].revents != 0 {
                let bytes = Self.receive(client)
                guard !bytes.isEmpty else { return }
                switch self.fault(for: bytes) {
                case .cut(let text) where Self.contains(bytes, text): return
                case .loseAnswer(let text) where Self.contains(bytes, text):
                    Self.send(bytes, server)
                    _ = Self.isReadable(server, unless: self.stop.read)
                    return
                case .freeze(let text) where Self.contains(bytes, text):
                    var stopped = [pollfd(fd: self.stop.read, events: Int16(POLLIN), revents: 0)]
                    poll(&stopped, 1, -1)
                    return
                case .holdCancels where bytes.starts(with: Self.cancelRequest):
                    guard Self.isReadable(self.gate.read, unless: self.stop.read) else { return }
                    Self.send(bytes, server)
                case .none, .cut, .loseAnswer, .freeze, .holdCancels, .harm: Self.send(bytes, server)
                }
            }
            if descriptors[1].revents != 0 {
                let bytes = Self.receive(server)
                guard !bytes.isEmpty else { return }
                Self.send(bytes, client)
            }
        }
    }

    /// For everybody: a process that another test starts meanwhile inherits the socket and would keep the link open.
    private static func cut(_ socket: Int32) {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// What to do with these bytes: the fault itself, or what its turn is.
    private func fault(for bytes: [UInt8]) -> Fault {
        guard case .harm(let text, let every) = self.fault, Self.contains(bytes, text) else { return self.fault }
        return self.seen.withLockedValue { seen in
            seen.count += 1
            guard seen.count.isMultiple(of: every) else { return .none }
            if (seen.count / every).isMultiple(of: 2) {
                seen.harm.answersLost += 1
                return .loseAnswer(to: text)
            }
            seen.harm.cut += 1
            return .cut(before: text)
        }
    }

    private func connectToServer() -> Int32 {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.serverPath.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(server, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? server : -1
    }

    /// Its length and the number that stands in the place of a protocol version.
    private static let cancelRequest: [UInt8] = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]

    private static func isReadable(_ socket: Int32, unless stop: Int32) -> Bool {
        var descriptors = [socket, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&descriptors, 2, -1) > 0 && descriptors[1].revents == 0
    }

    private static func receive(_ socket: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
        }
    }

    private static func send(_ bytes: [UInt8], _ socket: Int32) {
        var sent = 0
        while sent < bytes.count {
            // Not `send`: the gate is a pipe. The process ignores SIGPIPE on these threads.
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(socket, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(text)
    }
}
