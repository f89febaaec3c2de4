import Foundation
import Testing

@testable import SMS

@Suite struct AliyunTests {
    /// The example that Aliyun publishes with the description of this signature.
    @Test func thePublishedExampleIsReproduced() throws {
        let signer = AliyunSignature(keyID: "YourAccessKeyId", secret: "YourAccessKeySecret")
        let date = try Date("2023-10-26T10:22:32Z", strategy: .iso8601)
        let headers = signer.headers(
            action: "RunInstances", version: "2014-05-26", host: "ecs.cn-shanghai.aliyuncs.com",
            query: [
                "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai",
            ], nonce: "3156853299f313e23d1673dc12e1703d", date: date)
        let authorization = try #require(headers.first { $0.name == "authorization" }?.value)
        #expect(
            authorization
                == "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
                + "x-acs-date;x-acs-signature-nonce;x-acs-version,"
                + "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
        #expect(headers.first { $0.name == "x-acs-date" }?.value == "2023-10-26T10:22:32Z")
    }

    @Test func parametersAreEncodedAsTheRFCHasIt() {
        #expect(
            AliyunSignature.query(["b": "a b*c~d/e+f=g", "a": "平"]) == "a=%E5%B9%B3&b=a%20b%2Ac~d%2Fe%2Bf%3Dg")
    }

    @Test(arguments: [
        (
            200, #"{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"x"}"#,
            SMSOutcome.accepted(reference: "900619746936498440^0")
        ),
        (
            200, #"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"…"}"#,
            .refused(reason: "aliyun_isv_mobile_number_illegal")
        ),
        (
            200, #"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"…"}"#,
            .later(reason: "aliyun_isv_business_limit_control")
        ),
        (200, #"{"Code":"isv.AMOUNT_NOT_ENOUGH"}"#, .later(reason: "aliyun_isv_amount_not_enough")),
        (400, #"{"Code":"SignatureDoesNotMatch","Message":"…"}"#, .later(reason: "aliyun_signaturedoesnotmatch")),
        (503, "busy", .later(reason: "http_503")), (200, "<html>", .unknown(reason: "bad_answer")),
        (500, "", .unknown(reason: "bad_answer")),
    ])
    func anAnswerIsRead(status: Int, body: String, outcome: SMSOutcome) {
        #expect(AliyunGateway.outcome(status: status, body: Array(body.utf8)) == outcome)
    }

    @Test(arguments: [
        ("http://sms.example.org/", SMSError.Code.insecureURL), ("ftp://x/", .badURL), ("https://", .badURL),
        ("https://user@sms.example.org/", .badURL), ("https://sms.example.org/\r\nx: y", .badURL),
    ])
    func aURLThatIsNotSafeIsRefused(url: String, code: SMSError.Code) {
        let error = #expect(throws: SMSError.self) { try SMSGatewayURL(url) }
        #expect(error?.code == code)
    }
}
