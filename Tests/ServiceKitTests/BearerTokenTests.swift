import HTTPTypes
import Hummingbird
import Testing

@testable import ServiceKit

@Suite struct BearerTokenTests {
    private func request(_ authorization: String?) -> Request {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
        if let authorization { head.headerFields[.authorization] = authorization }
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(arguments: ["Bearer abc-._~+/=", "bearer abc-._~+/=", "BEARER  abc-._~+/="])
    func readsTheToken(header: String) throws {
        #expect(try BearerToken(of: self.request(header)).hash == TokenHash(ofToken: "abc-._~+/="))
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer 中",
        "Bearer " + String(repeating: "a", count: 513),
    ])
    func refusesWithAChallenge(header: String?) {
        let problem = #expect(throws: HTTPProblem.self) { try BearerToken(of: self.request(header)) }
        #expect(problem?.status == .unauthorized)
        #expect(problem?.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test func hashesAreSHA256AndDifferWhereverABitDiffers() {
        let hash = TokenHash(ofToken: "abc")
        #expect(hash.bytes.prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
        #expect(TokenHash(bytes: hash.bytes) == hash)
        for index in hash.bytes.indices {
            var bytes = hash.bytes
            bytes[index] ^= 1
            #expect(TokenHash(bytes: bytes) != hash)
        }
        #expect(TokenHash(bytes: [1, 2, 3]) == nil)
    }
}
