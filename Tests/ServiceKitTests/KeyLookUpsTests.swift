import HTTPTypes
import Hummingbird
import NIOCore
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct KeyLookUpsTests {
    private let start = ContinuousClock.now
    private let one = Peer(try? SocketAddress(ipAddress: "192.0.2.1", port: 1))
    private let other = Peer(try? SocketAddress(ipAddress: "192.0.2.2", port: 1))

    private func lookUps(burst: Int = 2, overall: Int = 100, capacity: Int = 100) -> KeyLookUps {
        var limits = KeyLookUps.Limits()
        limits.peerBurst = burst
        limits.perPeer = 1
        limits.overall = overall
        limits.capacity = capacity
        return KeyLookUps(limits)
    }

    /// Comes with an unknown key: the status it gets, or nil when the database is asked.
    private func guess(
        _ lookUps: KeyLookUps, _ key: UInt8, from peer: Peer, after seconds: Int = 0
    ) -> Int? {
        let now = self.start + .seconds(seconds)
        do {
            let admission = try lookUps.admit([key], from: peer, now: now)
            lookUps.settle([key], peer, admission, isFound: false, now: now)
            return nil
        } catch {
            return error.status.code
        }
    }

    @Test func onePeersGuessesAreBoundedAndAnothersAreNotTouched() {
        let lookUps = self.lookUps()
        #expect(self.guess(lookUps, 1, from: self.one) == nil)
        #expect(self.guess(lookUps, 2, from: self.one) == nil)
        #expect(self.guess(lookUps, 3, from: self.one) == 429)
        #expect(self.guess(lookUps, 4, from: self.other) == nil)
        #expect(self.guess(lookUps, 5, from: self.one, after: 1) == nil)
    }

    @Test func aKeyThatWasRefusedIsRefusedWithoutALookUpForAWhile() {
        let lookUps = self.lookUps()
        #expect(self.guess(lookUps, 1, from: self.one) == nil)
        #expect(self.guess(lookUps, 1, from: self.one) == 401)
        #expect(self.guess(lookUps, 1, from: self.one, after: 2) == 401)
        #expect(self.guess(lookUps, 1, from: self.one, after: 3) == nil)
    }

    @Test func whoIsKnownIsNeverHeldUp() throws {
        let lookUps = self.lookUps(burst: 1, overall: 1)
        #expect(try lookUps.admit([9], from: self.one, now: self.start) == .first)
        lookUps.settle([9], self.one, .first, isFound: true, now: self.start)
        #expect(self.guess(lookUps, 1, from: self.one) == nil)
        #expect(self.guess(lookUps, 2, from: self.one) == 429)
        for _ in 0..<100 { #expect(try lookUps.admit([9], from: self.one, now: self.start) == .known) }
    }

    @Test func keysThatAreFoundCountForNothing() throws {
        let lookUps = self.lookUps(burst: 1, overall: 1)
        for key in UInt8(0)..<50 {
            #expect(try lookUps.admit([key], from: self.one, now: self.start) == .first)
            lookUps.settle([key], self.one, .first, isFound: true, now: self.start)
        }
    }

    @Test func allPeersTogetherAreBounded() {
        let lookUps = self.lookUps(burst: 100, overall: 3)
        var answers: [Int?] = []
        for key in UInt8(0)..<4 { answers.append(self.guess(lookUps, key, from: key < 2 ? self.one : self.other)) }
        #expect(answers == [nil, nil, nil, 429])
    }

    @Test func whatIsRememberedIsBounded() {
        let lookUps = self.lookUps(burst: 1000, overall: 1000, capacity: 4)
        for key in UInt8(0)..<100 { #expect(self.guess(lookUps, key, from: self.one) == nil) }
        let remembered = (UInt8(0)..<100).count { self.guess(lookUps, $0, from: self.one) == 401 }
        #expect(remembered <= 4)
    }

    /// A crowd of one desk's requests at the start of the process.
    @Test func aCrowdWithOneNewKeyIsOneLookUpUntilItIsKnown() async throws {
        let lookUps = self.lookUps(burst: 1, overall: 1)
        let key = TokenHash(ofToken: "desk")
        let peer = self.one
        let started = TestSignal<Void>("the first look-up has begun")
        let mayEnd = TestSignal<Void>("it may end")
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await lookUps.find(key, from: peer) {
                    started.send()
                    try await mayEnd.wait()
                    return 7
                }
            }
            try await started.wait()
            #expect(try lookUps.admit(key.bytes, from: peer, now: .now) == .waiting)
            for _ in 0..<50 { group.addTask { try await lookUps.find(key, from: peer) { 7 } } }
            mayEnd.send()
            for try await value in group { #expect(value == 7) }
        }
    }

    @Test func aLookUpThatFailsCountsForNothing() async throws {
        struct Away: Error {}
        let lookUps = self.lookUps(burst: 1, overall: 1)
        for key in 0..<5 {
            await #expect(throws: Away.self) {
                let value: Int = try await lookUps.find(TokenHash(ofToken: "\(key)"), from: self.one) { throw Away() }
                _ = value
            }
        }
        #expect(try await lookUps.find(TokenHash(ofToken: "good"), from: self.one) { 7 } == 7)
    }
}

@Suite struct PeerTests {
    private func peer(_ address: String, _ forwarded: String..., proxies: Int = 0) throws -> Peer {
        var headers = HTTPFields()
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        for value in forwarded { headers.append(HTTPField(name: name, value: value)) }
        let request = Request(
            head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: headers),
            body: .init(buffer: ByteBuffer()))
        return Peer(of: request, remoteAddress: try SocketAddress(ipAddress: address, port: 5), proxies: proxies)
    }

    @Test func anAddressIsAPeerWhateverItsPort() throws {
        #expect(try self.peer("192.0.2.1") == self.peer("192.0.2.1"))
        #expect(try self.peer("192.0.2.1") != self.peer("192.0.2.2"))
        #expect(try self.peer("192.0.2.1") == self.peer("::ffff:192.0.2.1"))
    }

    @Test func aWholeNetworkOfIPv6IsOne() throws {
        #expect(try self.peer("2001:db8:0:1::1") == self.peer("2001:db8:0:1:ffff::9"))
        #expect(try self.peer("2001:db8:0:1::1") != self.peer("2001:db8:0:2::1"))
    }

    @Test func onlyWhatOurOwnProxiesAppendedIsBelieved() throws {
        let real = try self.peer("192.0.2.7")
        let proxy = try self.peer("10.0.0.1")
        #expect(try self.peer("10.0.0.1", "192.0.2.7") == proxy)
        #expect(try self.peer("10.0.0.1", "192.0.2.7", proxies: 1) == real)
        #expect(try self.peer("10.0.0.1", "198.51.100.9, 192.0.2.7", proxies: 1) == real)
        #expect(try self.peer("10.0.0.1", "198.51.100.9", "192.0.2.7, 10.0.0.2", proxies: 2) == real)
        #expect(try self.peer("10.0.0.1", proxies: 1) == proxy)
        #expect(try self.peer("10.0.0.1", "nonsense", proxies: 1) == proxy)
    }
}
