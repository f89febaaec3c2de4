import Glibc

/// An IP address or a network of them, as bytes: four or sixteen. An IPv4 address that is written as IPv6 is the IPv4 address.
struct NetworkAddress: Sendable, Equatable {
    let bytes: [UInt8]
    /// How many of its bits count.
    let prefix: Int

    /// Reads `192.0.2.1`, `2001:db8::1`, or a network such as `10.0.0.0/8`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, var bytes = Self.bytes(String(first)) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...prefix).contains(given) else { return nil }
            prefix = given
        }
        if bytes.count == 16, bytes.starts(with: Self.mapped), prefix >= 96 {
            bytes.removeFirst(12)
            prefix -= 96
        }
        self.bytes = bytes
        self.prefix = prefix
    }

    func contains(_ other: NetworkAddress) -> Bool {
        guard self.bytes.count == other.bytes.count, self.prefix <= other.prefix else { return false }
        for bit in 0..<self.prefix {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if self.bytes[bit / 8] & mask != other.bytes[bit / 8] & mask { return false }
        }
        return true
    }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

    private static func bytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

/// Where a webhook may go: the internet, and networks that the installation names. An address that an agency or an operator has
/// given must not make the gateway knock at doors inside.
struct WebhookNetworks: Sendable {
    /// Networks that are allowed though they are not the internet: a government's own, say.
    var allowed: [NetworkAddress] = []

    /// Whether the address may be connected to.
    func permits(_ address: NetworkAddress) -> Bool {
        if self.allowed.contains(where: { $0.contains(address) }) { return true }
        if Self.inside.contains(where: { $0.contains(address) }) { return false }
        // Addresses that hold an IPv4 address are judged by it: behind them a translator may stand.
        return Self.embedding.allSatisfy { network, offset in
            guard network.contains(address) else { return true }
            let inner = address.bytes[offset..<offset + 4].map(String.init).joined(separator: ".")
            return NetworkAddress(inner).map(self.permits) ?? false
        }
    }

    /// Reads `10.3.0.0/16,fd00::/8`; `nil` when something in it is no network.
    static func networks(_ text: String) -> [NetworkAddress]? {
        var networks: [NetworkAddress] = []
        for word in text.split(separator: ",") {
            guard let network = NetworkAddress(word.filter { $0 != " " }) else { return nil }
            networks.append(network)
        }
        return networks
    }

    /// IANA's registries of special-purpose addresses: whatever is not reachable from everywhere.
    private static let inside = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { NetworkAddress($0) }

    /// NAT64 and 6to4, and where in them the IPv4 address is.
    private static let embedding: [(NetworkAddress, Int)] = [("64:ff9b::/96", 12), ("2002::/16", 2)].compactMap {
        text, offset in NetworkAddress(text).map { ($0, offset) }
    }
}
