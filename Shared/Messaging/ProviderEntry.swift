import Casework
import FoundationEssentials
import Mail
import SMS
import Safeguarding

/// One provider of the providers file, and how it is made.
struct ProviderEntry: Decodable {
    enum Kind: String, Decodable {
        case smtp
        case gateway = "sms_gateway"
        case aliyun
        case file
    }

    var name: String
    var kind: Kind
    var url: String?
    var user: String?
    var passwordFile: String?
    var secretFile: String?
    var keyID: String?
    var requireTLS: Bool?
    var certificateAuthorities: String?
    var sender: String?
    var dkimDomain: String?
    var signature: String?
    var holdsSeconds: Int?
    var body: String?
    var idempotencyHeader: String?
    var codeField: String?
    var success: String?
    var permanent: [String]?
    var referenceField: String?
    var templates: [String: String]?
    var path: String?
    var channel: ContactChannel?
    var perSecond: Double?
    var cost: Int64?
    var connections: Int?
    var unsubscribe: String?
    var receipts: SMSReceipts.Form?
    var receiptsSecretFile: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, url, user, sender, signature, body, success, permanent, templates, path, channel, cost
        case connections, receipts, unsubscribe
        case passwordFile = "password_file"
        case secretFile = "secret_file"
        case keyID = "key_id"
        case requireTLS = "require_tls"
        case certificateAuthorities = "certificate_authorities"
        case dkimDomain = "dkim_domain"
        case holdsSeconds = "holds_seconds"
        case idempotencyHeader = "idempotency_header"
        case codeField = "code_field"
        case referenceField = "reference_field"
        case perSecond = "per_second"
        case receiptsSecretFile = "receipts_secret_file"
    }

    typealias ReadSecret = (String) throws -> String

    var terms: ProviderSet.Terms { ProviderSet.Terms(perSecond: self.perSecond, cost: self.cost ?? 0) }

    func callback(_ read: ReadSecret) throws -> ProvidersFile.Callback? {
        guard let receipts else { return nil }
        return ProvidersFile.Callback(
            provider: self.name, form: receipts,
            secret: try read(self.need(self.receiptsSecretFile, .receiptsSecretFile)))
    }

    func provider(_ read: ReadSecret) throws -> any MessageProvider {
        guard self.perSecond.map({ $0 > 0 }) ?? true else { throw self.problem("per_second must be more than 0") }
        switch self.kind {
        case .smtp: return try self.mail(read)
        case .gateway:
            var description = TemplateGateway.Description(body: try self.need(self.body, .body))
            description.idempotencyHeader = self.idempotencyHeader
            if let codeField { description.codeField = codeField }
            if let success { description.success = success }
            description.permanent = Set(self.permanent ?? [])
            if let referenceField { description.referenceField = referenceField }
            let gateway = try TemplateGateway(
                url: SMSGatewayURL(self.need(self.url, .url)), secret: read(self.need(self.secretFile, .secretFile)),
                signature: SMSSignature(self.need(self.signature, .signature)), description: description)
            return self.short(gateway)
        case .aliyun:
            let gateway = AliyunGateway(
                url: try SMSGatewayURL(self.url ?? "https://dysmsapi.aliyuncs.com/"),
                keyID: try self.need(self.keyID, .keyID), secret: try read(self.need(self.secretFile, .secretFile)),
                signature: try SMSSignature(self.need(self.signature, .signature)),
                templateCodes: try self.need(self.templates, .templates))
            return self.short(gateway)
        case .file:
            let channel = try self.need(self.channel, .channel)
            let sender =
                channel == .email
                ? SenderIdentity.mail(address: try self.need(self.sender, .sender), dkimDomain: self.dkimDomain)
                : SenderIdentity(parts: ["signature": try self.need(self.signature, .signature)])
            return FileProvider(
                name: self.name, channel: channel, sender: sender, path: try self.need(self.path, .path))
        }
    }

    private func mail(_ read: ReadSecret) throws -> MailProvider {
        let sender = try self.need(self.sender, .sender)
        var configuration = try SMTPConfiguration(
            url: self.need(self.url, .url), sender: sender, user: self.user,
            password: self.passwordFile.map { try read($0) }, requiresTLS: self.requireTLS ?? false)
        configuration.certificateAuthorities = self.certificateAuthorities
        configuration.connections = self.connections ?? 4
        configuration.timeout = .seconds(20)
        _ = try MailingList(unsubscribe: self.unsubscribe)
        return MailProvider(
            name: self.name, sender: .mail(address: sender, dkimDomain: self.dkimDomain),
            client: SMTPClient(configuration), unsubscribe: self.unsubscribe)
    }

    private func short(_ gateway: some SMSGateway) -> SMSProvider {
        guard let holdsSeconds else { return SMSProvider(name: self.name, gateway: gateway) }
        return SMSProvider(name: self.name, gateway: gateway, holds: .seconds(holdsSeconds))
    }

    private func need<Value>(_ value: Value?, _ key: CodingKeys) throws -> Value {
        guard let value else { throw self.problem("\(key.rawValue) is missing") }
        return value
    }

    private func problem(_ text: String) -> ProvidersFile.Problem { ProvidersFile.Problem(description: text) }
}
