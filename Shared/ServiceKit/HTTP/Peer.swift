import Glibc
import HTTPTypes
public import Hummingbird
public import NIOCore

/// Whoever is at the other end of a connection, as far as limits need to tell one from another. Nothing of the address
/// can be read from it, and it means nothing outside this process.
public struct Peer: Sendable, Hashable {
    private let value: Int

    /// The peer of a request.
    /// - Parameters:
    ///   - remoteAddress: the connection's other end.
    ///   - proxies: how many reverse proxies of ours stand in front. Each has appended whom it saw to
    ///     `X-Forwarded-For`, so the address that the outermost saw is that many from the right; what stands further left
    ///     is the caller's own invention.
    public init(of request: Request, remoteAddress: SocketAddress?, proxies: Int = 0) {
        self.init(Self.forwarded(request.headers, proxies: proxies) ?? remoteAddress)
    }

    /// An address. One household or provider has 2^64 addresses of IPv6 and is one peer all the same.
    init(_ address: SocketAddress?) {
        var hasher = Hasher()
        hasher.combine(address?.ipAddress.map(Self.network) ?? [])
        self.value = hasher.finalize()
    }

    /// The four bytes of an IPv4 address, mapped into IPv6 or not; the first eight of an IPv6 one.
    private static func network(_ text: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        // The name of an interface may follow.
        let address = text.prefix { $0 != "%" }
        guard inet_pton(AF_INET6, String(address), &bytes) == 1 else { return [] }
        let mappedIPv4: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return bytes.starts(with: mappedIPv4) ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
    }

    private static func forwarded(_ headers: HTTPFields, proxies: Int) -> SocketAddress? {
        guard proxies > 0, let name = HTTPField.Name("X-Forwarded-For") else { return nil }
        let hops = headers[values: name].flatMap { $0.split(separator: ",") }
        guard hops.count >= proxies else { return nil }
        let hop = hops[hops.count - proxies].filter { !$0.isWhitespace && $0 != "[" && $0 != "]" }
        do {
            return try SocketAddress(ipAddress: hop, port: 0)
        } catch {
            return nil  // No address: then the proxy itself is the peer.
        }
    }
}
