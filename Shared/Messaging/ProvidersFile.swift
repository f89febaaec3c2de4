import Casework
import Mail
public import SMS
import Safeguarding
import Yams

/// What an installation's file of providers says: who sends, for whom and where, and which callbacks are believed.
///
/// ```yaml
/// providers:
///   - { name: relay, kind: smtp, url: "smtps://mail.example.org", user: u, password_file: /run/secrets/mail, sender: post@example.org }
///   - { name: carrier, kind: aliyun, key_id: K, secret_file: /run/secrets/sms, signature: 平安生活, templates: { please_call_back: SMS_1 } }
/// routes:
///   - { audience: help_seeker, channel: sms, division: "150100", providers: [carrier] }
///   - { audience: station, channel: email, providers: [relay] }
/// ```
public struct ProvidersFile: Sendable {
    /// A callback for receipts.
    public struct Callback: Sendable {
        /// Part of the callback's path.
        public let provider: String
        public let form: SMSReceipts.Form
        /// Checks the signature, or for forms without one is the last part of the path.
        public let secret: String

        public init(provider: String, form: SMSReceipts.Form, secret: String) {
            self.provider = provider
            self.form = form
            self.secret = secret
        }
    }

    /// Why a file was refused: one line, without values.
    public struct Problem: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public let set: ProviderSet
    public let callbacks: [Callback]

    private struct File: Decodable {
        var providers: [ProviderEntry]
        var routes: [Route]
    }

    private struct Route: Decodable {
        var audience: String
        var channel: ContactChannel
        var division: String?
        var providers: [String]
    }

    /// Reads a file.
    /// - Parameter secret: reads the secret in a file that is named; the providers file itself holds none.
    /// - Throws: `Problem`.
    public init(yaml: String, secret: (String) throws -> String) throws(Problem) {
        let file = try Self.decode(yaml)
        var providers: [any MessageProvider] = []
        var terms: [String: ProviderSet.Terms] = [:]
        var callbacks: [Callback] = []
        for entry in file.providers {
            guard terms[entry.name] == nil else {
                throw Problem(description: "two providers have one name; rename one")
            }
            // It stands in addresses, metrics and messages to operators.
            guard (1...64).contains(entry.name.utf8.count), entry.name.utf8.allSatisfy(Self.isOfAName) else {
                throw Problem(description: "a provider's name is not of a-z, 0-9, - and _; rename it")
            }
            do {
                providers.append(try entry.provider(secret))
                callbacks += [try entry.callback(secret)].compactMap(\.self)
            } catch {
                // Errors of ours quote nothing; one from reading a secret is named only.
                let known = error is Problem || error is MailError || error is SMSError
                let cause = known ? "\(error)" : "a secret file cannot be read"
                throw Problem(description: "the provider \(entry.name): \(cause)")
            }
            terms[entry.name] = entry.terms
        }
        var routes: [ProviderSet.Route] = []
        for route in file.routes { routes.append(try Self.route(route, providers)) }
        self.set = ProviderSet(providers, routes: routes, terms: terms)
        self.callbacks = callbacks
    }

    /// Help-seekers are written to by neutral senders only, which is checked here already: a signature that says who
    /// writes is refused when it is loaded, not when it is needed.
    private static func route(
        _ route: Route, _ providers: [any MessageProvider]
    ) throws(Problem) -> ProviderSet.Route {
        // Whoever is not a help-seeker is staff, and reached like a station.
        guard let audience = TemplateAudience(rawValue: route.audience), [.helpSeeker, .station].contains(audience)
        else {
            throw Problem(description: "a route's audience is neither help_seeker nor station")
        }
        let division = route.division.map { DivisionCode($0) }
        if case .some(.none) = division { throw Problem(description: "a route's division is no division code") }
        guard !route.providers.isEmpty else { throw Problem(description: "a route has no providers") }
        for name in route.providers {
            guard let provider = providers.first(where: { $0.name == name }) else {
                throw Problem(description: "a route names the unknown provider \(name)")
            }
            guard provider.channel == route.channel else {
                throw Problem(
                    description: "a route for \(route.channel.rawValue) names \(name), which sends another way")
            }
            if audience == .helpSeeker, let part = provider.sender.tellingPart {
                throw Problem(
                    description: "the \(part) of \(name) says who writes; set it to one whose words mean nothing")
            }
        }
        return ProviderSet.Route(
            audience: audience, channel: route.channel, division: division ?? nil, providers: route.providers)
    }

    private static func isOfAName(_ byte: UInt8) -> Bool {
        byte >= 0x61 && byte <= 0x7A || byte >= 0x30 && byte <= 0x39 || byte == 0x2D || byte == 0x5F
    }

    private static func decode(_ yaml: String) throws(Problem) -> File {
        do {
            try Self.refuseUnknownKeys(yaml)
            return try YAMLDecoder().decode(File.self, from: yaml)
        } catch let problem as Problem {
            throw problem
        } catch let error as DecodingError {
            throw Problem(description: "the providers file is not of its form\(Self.place(error)); correct it")
        } catch {
            throw Problem(description: "the providers file is not YAML; correct it")
        }
    }

    private static func refuseUnknownKeys(_ yaml: String) throws {
        guard let root = try Yams.compose(yaml: yaml)?.mapping else { return }
        let known: [String: Set<String>] = [
            "providers": Set(ProviderEntry.CodingKeys.allCases.map(\.rawValue)),
            "routes": ["audience", "channel", "division", "providers"],
        ]
        for (key, value) in root {
            guard let name = key.scalar?.string, let keys = known[name] else {
                throw Problem(description: "the providers file knows providers and routes only")
            }
            for entry in value.sequence ?? [] {
                for (field, _) in entry.mapping ?? [:] where !keys.contains(field.scalar?.string ?? "") {
                    throw Problem(
                        description: "line \(field.mark?.line ?? 0) of the providers file has a key that is not known")
                }
            }
        }
    }

    private static func place(_ error: DecodingError) -> String {
        let path: [any CodingKey] =
            switch error {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            @unknown default: []
            }
        let text = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return text.isEmpty ? "" : " at \(text.hasPrefix(".") ? String(text.dropFirst()) : text)"
    }
}
