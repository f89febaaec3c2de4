import Testing

@testable import GatewayService

extension WebhookNetworks {
    /// For endpoints of tests, which are on this machine.
    static let loopback = WebhookNetworks(allowed: WebhookNetworks.networks("127.0.0.0/8,::1") ?? [])
}

@Suite struct WebhookNetworksTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1",
        "2001::1", "100::1",
    ])
    func anAddressInsideIsForbidden(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(!WebhookNetworks().permits(address))
    }

    @Test(arguments: [
        "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1", "11.0.0.1", "223.255.255.255", "2606:4700::1111",
        "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::",
    ])
    func anAddressOfTheInternetIsNot(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(WebhookNetworks().permits(address))
    }

    @Test func aNetworkThatIsNamedIsAllowedAndItsNeighbourNot() throws {
        let networks = WebhookNetworks(allowed: try #require(WebhookNetworks.networks("10.3.0.0/16, fd12::/32")))
        for (text, permitted) in [
            ("10.3.255.1", true), ("::ffff:10.3.0.1", true), ("10.4.0.1", false), ("fd12:0:1::1", true),
            ("fd13::1", false), ("127.0.0.1", false),
        ] {
            let address = try #require(NetworkAddress(text))
            #expect(networks.permits(address) == permitted, "\(text)")
        }
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8", "localhost", "0x7f.1", "127.1", "::1%lo",
    ])
    func whatIsNoNetworkIsNotRead(text: String) {
        #expect(NetworkAddress(text) == nil)
    }
}
