import FoundationEssentials

/// Aliyun's 阿里云 short message service: its operation `SendSms`. It sends registered templates only, so every template
/// of ours has a code there, and what is registered under it has to be the same text.
public struct AliyunGateway: SMSGateway {
    public let signature: SMSSignature
    /// It cannot be told.
    public var takesValidity: Bool { false }

    private let url: SMSGatewayURL
    private let signer: AliyunSignature
    private let templateCodes: [String: String]
    private let exchange: HTTPExchange

    /// - Parameters:
    ///   - url: `https://dysmsapi.aliyuncs.com/`.
    ///   - templateCodes: the code under which each template of ours is registered.
    public init(
        url: SMSGatewayURL, keyID: String, secret: String, signature: SMSSignature, templateCodes: [String: String],
        timeout: Duration = .seconds(8)
    ) {
        self.url = url
        self.signer = AliyunSignature(keyID: keyID, secret: secret)
        self.signature = signature
        self.templateCodes = templateCodes
        self.exchange = HTTPExchange(timeout: timeout)
    }

    public func send(_ message: OutgoingSMS) async throws -> SMSOutcome {
        guard let code = self.templateCodes[message.template] else { return .refused(reason: "template_unregistered") }
        let query = [
            "PhoneNumbers": message.number.domestic, "SignName": self.signature.name, "TemplateCode": code,
            "OutId": message.id,
        ]
        let headers = self.signer.headers(
            action: "SendSms", version: "2017-05-25", host: self.url.host, query: query, nonce: UUID().uuidString,
            date: Date())
        let target = "\(self.url.text)\(self.url.text.hasSuffix("/") ? "" : "/")?\(AliyunSignature.query(query))"
        switch try await self.exchange.post(target, headers: headers, body: []) {
        case .notReached: return .later(reason: "not_reached")
        case .noAnswer(let reason): return .unknown(reason: reason)
        case .answer(let status, let body): return Self.outcome(status: status, body: body)
        }
    }

    private struct Answer: Decodable {
        var Code: String
        var BizId: String?
    }

    /// Aliyun answers 200 with an error in the body, and 4xx and 5xx with the same body.
    static func outcome(status: Int, body: [UInt8]) -> SMSOutcome {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            // Without a body of its form nobody knows what it did; a refusal at the door did nothing.
            return status == 429 || status == 503 ? .later(reason: "http_\(status)") : .unknown(reason: "bad_answer")
        }
        switch answer.Code {
        case "OK": return .accepted(reference: answer.BizId)
        case _ where Self.permanent.contains(answer.Code): return .refused(reason: Self.word(answer.Code))
        case "isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_DENY", "ServiceUnavailable", "InternalError":
            return .later(reason: Self.word(answer.Code))
        default: return .later(reason: Self.word(answer.Code))
        }
    }

    /// What no repeat can change: the number, the text, or that it may not be written to.
    private static let permanent: Set<String> = [
        "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.TEMPLATE_MISSING_PARAMETERS",
        "isv.INVALID_PARAMETERS", "isv.INVALID_JSON_PARAM", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL",
        "isv.BLACK_KEY_CONTROL_LIMIT", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "isv.UNSUPPORTED_CONTENT",
    ]

    /// A code of theirs as one of ours: lower case letters, digits and underscores, and not long.
    private static func word(_ code: String) -> String {
        let plain = code.lowercased().unicodeScalars.prefix(48).map { scalar in
            scalar.value < 0x80 && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? scalar : "_"
        }
        return "aliyun_" + String(String.UnicodeScalarView(plain))
    }
}
