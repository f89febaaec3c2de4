import Casework
import Mail
import Messaging
import Safeguarding
import ServiceKit

/// How mail goes out, from the environment.
struct MailSettings: Sendable {
    /// For the desks of stations.
    let staff: SMTPConfiguration
    /// For people: from an address that says nothing about us (S7). `nil` when there is none.
    let people: SMTPConfiguration?
    private let staffAddress: String
    private let peopleAddress: String?
    private let unsubscribe: String?

    /// Reads `DANDELION_SMTP_URL`, `DANDELION_MAIL_FROM`, `DANDELION_NEUTRAL_MAIL_FROM`, and for servers that ask for
    /// it `DANDELION_SMTP_USER` with `DANDELION_SMTP_PASSWORD` (or `_FILE`) and `DANDELION_SMTP_REQUIRE_TLS`.
    init(_ settings: Settings) throws {
        self.unsubscribe = settings.string("DANDELION_UNSUBSCRIBE_MAIL")
        guard (try? MailingList(unsubscribe: self.unsubscribe)) != nil else {
            throw ConfigurationError(
                variable: "DANDELION_UNSUBSCRIBE_MAIL", problem: "is no mail address",
                remedy: "set it to a mailbox that somebody reads, or leave it out")
        }
        let sender = try settings.requiredString(
            "DANDELION_MAIL_FROM", remedy: "set it to the address that staff mail comes from")
        self.staffAddress = sender
        self.staff = try Self.configuration(settings, sender: sender, variable: "DANDELION_MAIL_FROM")
        if let neutral = settings.string("DANDELION_NEUTRAL_MAIL_FROM") {
            guard Self.isNeutral(neutral) else {
                throw ConfigurationError(
                    variable: "DANDELION_NEUTRAL_MAIL_FROM", problem: "is an address that says who writes",
                    remedy: "set it to one whose words mean nothing to whoever reads over her shoulder")
            }
            self.people = try Self.configuration(settings, sender: neutral, variable: "DANDELION_NEUTRAL_MAIL_FROM")
            self.peopleAddress = neutral
        } else {
            self.people = Self.isNeutral(sender) ? self.staff : nil
            self.peopleAddress = Self.isNeutral(sender) ? sender : nil
        }
    }

    /// One mail server for everybody: stations from one address, people from another.
    var providers: ProviderSet {
        var providers = [
            MailProvider(
                name: "mail", sender: .mail(address: self.staffAddress), client: SMTPClient(self.staff),
                unsubscribe: self.unsubscribe)
        ]
        var routes = [ProviderSet.Route(audience: .station, channel: .email, providers: ["mail"])]
        if let people = self.people, let address = self.peopleAddress {
            providers.append(
                MailProvider(name: "neutral_mail", sender: .mail(address: address), client: SMTPClient(people)))
            routes.append(ProviderSet.Route(audience: .helpSeeker, channel: .email, providers: ["neutral_mail"]))
        }
        return ProviderSet(providers, routes: routes)
    }

    /// Whether neither part of an address says what no text to a help-seeker may say.
    static func isNeutral(_ address: String) -> Bool {
        address.split(separator: "@").allSatisfy { DenyList.helpSeeker.firstHit(in: String($0)) == nil }
    }

    private static func configuration(
        _ settings: Settings, sender: String, variable: String
    ) throws -> SMTPConfiguration {
        let url = try settings.requiredString(
            "DANDELION_SMTP_URL", remedy: "set it to smtp://host:port or smtps://host:port")
        let password = try settings.secret("DANDELION_SMTP_PASSWORD")
        let requiresTLS = try settings.boolean("DANDELION_SMTP_REQUIRE_TLS", default: false)
        do throws(MailError) {
            var configuration = try SMTPConfiguration(
                url: url, sender: sender, user: settings.string("DANDELION_SMTP_USER"), password: password,
                requiresTLS: requiresTLS)
            configuration.connections = 4
            configuration.timeout = .seconds(20)
            return configuration
        } catch {
            let fault = error.code == .badSender ? variable : "DANDELION_SMTP_URL"
            throw ServiceExit(.configuration, "\(fault): \(error)")
        }
    }
}
