import Glibc
import NIOPosix

/// Turns a host's name into addresses. On threads of its own: a name server that hangs holds up webhooks only.
struct NameResolver: Sendable {
    /// Returns addresses as text, the one to be tried first; throws or returns nothing when there is none.
    var resolve: @Sendable (_ host: String) async throws -> [String]

    /// By the system's resolver. IPv4 first: a host with both is reached by it from everywhere.
    static let system = NameResolver { host in
        try await Self.threads.runIfActive { Self.addresses(of: host) }
    }

    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 16)
        threads.start()
        return threads
    }()

    private static func addresses(of host: String) -> [String] {
        var addresses: [String] = []
        for family in [AF_INET, AF_INET6] {
            var hints = addrinfo()
            hints.ai_family = family
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var first: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, &hints, &first) == 0 else { continue }
            defer { freeaddrinfo(first) }
            var entry = first
            while let current = entry {
                var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                if getnameinfo(
                    current.pointee.ai_addr, current.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                    NI_NUMERICHOST) == 0
                {
                    addresses.append(
                        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
                }
                entry = current.pointee.ai_next
            }
        }
        return addresses
    }
}
