public import Casework
import FoundationEssentials
public import SMS
public import Safeguarding

/// Short messages over a carrier's gateway.
public struct SMSProvider: MessageProvider {
    public let name: String
    public let sender: SenderIdentity
    public var channel: ContactChannel { .sms }
    private let gateway: any SMSGateway

    /// - Parameter holds: for how long the carrier may hold a message that it cannot be told how long to try.
    public init(name: String, gateway: any SMSGateway, holds: Duration = .seconds(600)) {
        self.name = name
        self.gateway = gateway
        self.sender = SenderIdentity(
            parts: ["signature": gateway.signature.name], holds: gateway.takesValidity ? nil : holds)
    }

    public func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome {
        let id = permit.messageID.uuidString.lowercased()
        let validity = permit.validity
        let content: MessageContent
        do { content = try permit.redeem() } catch { return .expired }
        let message: OutgoingSMS
        do throws(SMSError) {
            message = try OutgoingSMS(
                id: id, to: content.address, text: content.text, template: template, validity: validity)
        } catch {
            return .refused(reason: error.code == .badNumber ? "bad_number" : "bad_text")
        }
        switch try await self.gateway.send(message) {
        case .accepted(let reference):
            let segments = SMSText(content.text, signatureLength: self.gateway.signature.length).segments
            return .accepted(reference: reference, segments: segments)
        case .refused(let reason): return .refused(reason: "sms_\(reason)")
        case .later(let reason): return .later(reason: "sms_\(reason)")
        case .unknown(let reason): return .unknown(reason: "sms_\(reason)")
        }
    }
}
