import Crypto
public import FoundationEssentials

/// A carrier's word on what became of a message.
public struct SMSReceipt: Sendable, Hashable {
    /// The carrier's name for the message.
    public let reference: String
    public let isDelivered: Bool
    /// Why not, as a code of ours.
    public let reason: String?
}

/// Reads the receipts that carriers send.
public enum SMSReceipts {
    /// What a callback may be at most.
    public static let longestBody = 256 * 1024

    /// The forms of callbacks.
    public enum Form: String, Sendable, CaseIterable, Decodable {
        /// `[{"id": …, "status": "delivered" | "failed"}]`, signed like the requests of `TemplateGateway`.
        case plain
        /// Aliyun's batch of `SmsReport`: `[{"biz_id": …, "success": …, "err_code": …}]`. Aliyun does not sign it.
        case aliyun
    }

    /// Whether a callback is signed with the secret and not older than five minutes.
    public static func isSigned(
        _ body: [UInt8], timestamp: String?, signature: String?, secret: String, now: Date
    ) -> Bool {
        guard let timestamp, let seconds = Int64(timestamp), let signature, signature.utf8.count == 64,
            abs(now.timeIntervalSince1970 - Double(seconds)) <= 300
        else { return false }
        var code: [UInt8] = []
        var rest = signature.utf8[...]
        while rest.count >= 2 {
            guard let byte = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else { return false }
            code.append(byte)
            rest = rest.dropFirst(2)
        }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array("\(timestamp).".utf8) + body,
            using: SymmetricKey(data: Array(secret.utf8)))
    }

    private struct Plain: Decodable {
        var id: String
        var status: String
    }

    private struct Aliyun: Decodable {
        var biz_id: String
        var success: Bool
        var err_code: String?
    }

    /// The receipts in a callback; `nil` when it is not of the form.
    public static func read(_ body: [UInt8], form: Form) -> [SMSReceipt]? {
        guard body.count <= Self.longestBody else { return nil }
        switch form {
        case .plain:
            guard let all = try? JSONDecoder().decode([Plain].self, from: Data(body)) else { return nil }
            let known = all.filter { $0.status == "delivered" || $0.status == "failed" }
            guard known.count == all.count else { return nil }
            return known.map {
                SMSReceipt(
                    reference: $0.id, isDelivered: $0.status == "delivered",
                    reason: $0.status == "delivered" ? nil : "undelivered")
            }
        case .aliyun:
            guard let all = try? JSONDecoder().decode([Aliyun].self, from: Data(body)) else { return nil }
            return all.map {
                SMSReceipt(
                    reference: $0.biz_id, isDelivered: $0.success, reason: $0.success ? nil : "undelivered")
            }
        }
    }
}
