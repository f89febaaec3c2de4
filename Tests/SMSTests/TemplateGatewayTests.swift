import Crypto
import Foundation
import Testing

@testable import SMS

/// Against a real process that loses, delays, breaks off and lies.
@Suite struct TemplateGatewayTests {
    private static let secret = "geheim"

    private func gateway(_ local: LocalGateway, timeout: Duration = .seconds(5)) throws -> TemplateGateway {
        var description = TemplateGateway.Description(
            body: #"{"to": "{number}", "text": "{text}", "sign": "{signature}", "ttl": "{validity_seconds}"}"#)
        description.idempotencyHeader = "idempotency-key"
        description.permanent = ["21"]
        return try TemplateGateway(
            url: SMSGatewayURL("http://127.0.0.1:\(local.port)/send"), secret: Self.secret,
            signature: SMSSignature("平安生活"), description: description, timeout: timeout)
    }

    private func message(_ number: String, id: String = "m-1") throws -> OutgoingSMS {
        try OutgoingSMS(id: id, to: number, text: "您好，\"请\"回电。", template: "please_call_back", validity: .seconds(90))
    }

    @Test func whatIsSentIsWhatWasDescribedAndSigned() async throws {
        let local = try LocalGateway()
        let outcome = try await self.gateway(local).send(self.message("13800138000"))
        guard case .accepted(let reference) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reference?.hasPrefix("g-") == true)
        let received = try #require(local.received().first)
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(received.body.utf8)) as? [String: Any])
        #expect(body["to"] as? String == "13800138000")
        #expect(body["text"] as? String == "您好，\"请\"回电。")
        #expect(body["sign"] as? String == "平安生活")
        #expect(body["ttl"] as? Int == 90)
        #expect(received.key == "m-1")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(received.timestamp).\(received.body)".utf8), using: SymmetricKey(data: Data("geheim".utf8)))
        #expect(received.signature == code.map { String(format: "%02x", $0) }.joined())
    }

    @Test(arguments: [
        ("13800138001", SMSOutcome.later(reason: "gateway_error")),  // 200 with an error in the body
        ("13800138002", .refused(reason: "gateway_refused")),
        ("13800138003", .unknown(reason: "timeout")),  // hangs
        ("13800138004", .unknown(reason: "bad_answer")),  // breaks off in the middle of the answer
        ("13800138005", .unknown(reason: "connection_lost")),
        ("13800138006", .unknown(reason: "bad_answer")),  // says OK in HTML
        ("13800138007", .later(reason: "http_503")),
        ("13800138008", .unknown(reason: "answer_too_long")),
        ("13800138010", .unknown(reason: "http_302")),  // would have it sent elsewhere
    ])
    func whatGoesWrongIsClassified(number: String, outcome: SMSOutcome) async throws {
        let local = try LocalGateway()
        let found = try await self.gateway(local, timeout: .seconds(2)).send(self.message(number))
        switch (found, outcome) {
        case (.unknown, .unknown): break  // which of the ways it broke off is the network's matter
        default: #expect(found == outcome)
        }
    }

    /// A carrier that answers as if it had taken it and has not: only the receipt that never comes tells.
    @Test func aLieIsBelieved() async throws {
        let local = try LocalGateway()
        let outcome = try await self.gateway(local).send(self.message("13800138009"))
        guard case .accepted = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try local.received().isEmpty)
    }

    @Test func nobodyListeningIsKnownNotToHaveTakenIt() async throws {
        let gateway = try TemplateGateway(
            url: SMSGatewayURL("http://127.0.0.1:1/"), secret: "x", signature: SMSSignature("平安生活"),
            description: TemplateGateway.Description(body: #"{"to": "{number}", "text": "{text}"}"#))
        #expect(try await gateway.send(self.message("13800138000")) == .later(reason: "not_reached"))
        #expect(!gateway.takesValidity)
    }

    @Test(arguments: [
        "", "{", #"{"to": "{number}"}"#, #"{"text": "{text}"}"#,
        #"{"to": "{number}", "text": "{text}", "x": "{name}"}"#,
    ])
    func aBodyThatSaysTooLittleOrTooMuchIsRefused(body: String) throws {
        #expect(throws: SMSError.self) {
            try TemplateGateway(
                url: SMSGatewayURL("https://sms.example.org/"), secret: "x", signature: SMSSignature("平安生活"),
                description: TemplateGateway.Description(body: body))
        }
    }
}

@Suite struct SMSReceiptTests {
    private func sign(_ body: String, _ timestamp: Int64, secret: String = "geheim") -> String {
        TemplateGateway.signature(
            timestamp: "\(timestamp)", body: Array(body.utf8), key: SymmetricKey(data: Data(secret.utf8)))
    }

    @Test func onlyASignedAndFreshCallbackIsBelieved() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let body = #"[{"id": "g-1", "status": "delivered"}]"#
        func isSigned(_ timestamp: String?, _ signature: String?, body text: String? = nil) -> Bool {
            SMSReceipts.isSigned(
                Array((text ?? body).utf8), timestamp: timestamp, signature: signature, secret: "geheim", now: now)
        }
        let good = self.sign(body, 1_800_000_000)
        #expect(isSigned("1800000000", good))
        #expect(!isSigned("1800000001", good))
        #expect(!isSigned("1800000000", good, body: body + " "))
        #expect(!isSigned("1800000000", self.sign(body, 1_800_000_000, secret: "x")))
        #expect(!isSigned(nil, good) && !isSigned("1800000000", nil) && !isSigned("x", good))
        #expect(
            !isSigned("1800000000", String(good.dropLast(2))) && !isSigned("1800000000", String(good.dropLast()) + "g"))
        #expect(!isSigned("1799999600", self.sign(body, 1_799_999_600)), "too old: a replay")
        #expect(isSigned("1799999800", self.sign(body, 1_799_999_800)))
    }

    @Test func bothFormsAreRead() {
        let plain = SMSReceipts.read(
            Array(#"[{"id": "a", "status": "delivered"}, {"id": "b", "status": "failed"}]"#.utf8), form: .plain)
        #expect(plain?.map(\.isDelivered) == [true, false] && plain?.map(\.reference) == ["a", "b"])
        let aliyun = SMSReceipts.read(
            Array(
                #"[{"phone_number":"13800138000","success":false,"err_code":"DELIVRD","biz_id":"9^0","out_id":"x"}]"#
                    .utf8), form: .aliyun)
        #expect(aliyun == [SMSReceipt(reference: "9^0", isDelivered: false, reason: "undelivered")])
    }

    @Test(arguments: ["", "{}", "[1]", #"[{"id": "a", "status": "maybe"}]"#, #"[{"status": "delivered"}]"#])
    func anythingElseIsNotRead(body: String) {
        #expect(SMSReceipts.read(Array(body.utf8), form: .plain) == nil)
    }
}
