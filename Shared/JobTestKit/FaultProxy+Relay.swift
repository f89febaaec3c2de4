import Glibc
import PostgresClient

/// The links, each on a thread of its own.
extension FaultProxy {
    func accept() {
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
        var isFrozen = false
        var isPaused: Bool
        while true {
            // Looked at again every few milliseconds, since the fault may be another by then.
            let fault = self.fault
            if case .cutAll = fault { return }
            if case .halfOpen = fault { isPaused = true } else { isPaused = isFrozen }
            if isPaused {
                guard !self.isStopped(within: 20) else { return }
                continue
            }
            var descriptors = [client, server, self.stop.read].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let ready = poll(&descriptors, 3, 20)
            guard ready >= 0 || errno == EINTR, descriptors[2].revents == 0 else { return }
            if case .halfOpen = self.fault { continue }
            if descriptors[0].revents != 0 {
                let bytes = Self.receive(client, 1 << 16)
                guard !bytes.isEmpty else { return }
                switch self.fault(for: bytes) {
                case .cut(let text) where Self.contains(bytes, text): return
                case .loseAnswer(let text) where Self.contains(bytes, text):
                    Self.send(bytes, server)
                    _ = Self.isReadable(server, unless: self.stop.read)
                    return
                case .freeze(let text) where Self.contains(bytes, text): isFrozen = true
                case .holdCancels where bytes.starts(with: Self.cancelRequest):
                    guard Self.isReadable(self.gate.read, unless: self.stop.read) else { return }
                    Self.send(bytes, server)
                case .delay(let time):
                    guard !self.isStopped(within: time) else { return }
                    Self.send(bytes, server)
                case .none, .cut, .loseAnswer, .freeze, .holdCancels, .harm, .halfOpen, .slowRead, .cutAll:
                    Self.send(bytes, server)
                }
            }
            if !isFrozen, descriptors[1].revents != 0 {
                guard self.passAnswer(from: server, to: client) else { return }
            }
        }
    }

    /// - Returns: false when the link is over.
    private func passAnswer(from server: Int32, to client: Int32) -> Bool {
        switch self.fault {
        case .slowRead(let bytesPerSecond):
            // A twentieth of a second's worth at a time; the rest stays in the server's hands.
            let bytes = Self.receive(server, max(1, bytesPerSecond / 20))
            guard !bytes.isEmpty else { return false }
            Self.send(bytes, client)
            return !self.isStopped(within: 50)
        case .delay(let time):
            let bytes = Self.receive(server, 1 << 16)
            guard !bytes.isEmpty, !self.isStopped(within: time) else { return false }
            Self.send(bytes, client)
            return true
        case .none, .halfOpen, .cutAll, .cut, .loseAnswer, .freeze, .holdCancels, .harm:
            let bytes = Self.receive(server, 1 << 16)
            guard !bytes.isEmpty else { return false }
            Self.send(bytes, client)
            return true
        }
    }

    private func isStopped(within time: Duration) -> Bool {
        self.isStopped(within: Int32(clamping: Int64(time / .milliseconds(1))))
    }

    private func isStopped(within milliseconds: Int32) -> Bool {
        var stopped = [pollfd(fd: self.stop.read, events: Int16(POLLIN), revents: 0)]
        return poll(&stopped, 1, milliseconds) > 0
    }

    // MARK: - Sockets

    /// A listening socket of this machine, on a free port.
    public static func listen(backlog: Int32 = 64) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
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

    private func connectToServer() -> Int32 {
        guard self.server.host.hasPrefix("/") else { return Self.connect(self.server.host, self.server.port) }
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = "\(self.server.host)/.s.PGSQL.\(self.server.port)"
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.connect(server, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result != 0 { close(server) }
        return result == 0 ? server : -1
    }

    private static func connect(_ host: String, _ port: String) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &first) == 0 else { return -1 }
        defer { freeaddrinfo(first) }
        var next = first
        while let address = next?.pointee {
            let server = socket(address.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            if server >= 0 {
                if Glibc.connect(server, address.ai_addr, address.ai_addrlen) == 0 { return server }
                close(server)
            }
            next = address.ai_next
        }
        return -1
    }

    /// For everybody: a process that another test starts meanwhile inherits the socket and would keep the link open.
    private static func cut(_ socket: Int32) {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// Its length and the number that stands in the place of a protocol version.
    private static let cancelRequest: [UInt8] = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]

    private static func isReadable(_ socket: Int32, unless stop: Int32) -> Bool {
        var descriptors = [socket, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&descriptors, 2, -1) > 0 && descriptors[1].revents == 0
    }

    private static func receive(_ socket: Int32, _ limit: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: min(limit, 1 << 16)) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
        }
    }

    static func send(_ bytes: [UInt8], _ socket: Int32) {
        var sent = 0
        while sent < bytes.count {
            // Not `send`: the gate is a pipe. The process ignores SIGPIPE on these threads.
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(socket, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            sent += count
        }
    }

    static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(text)
    }
}
