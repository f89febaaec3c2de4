import FoundationEssentials
import Mail
import Messaging
import Safeguarding
import ServiceKit

/// How messages go out, from the settings.
struct MessagingSettings: Sendable {
    let providers: ProviderSet
    let callbacks: [ProvidersFile.Callback]
    let catalog: TemplateCatalog
    /// The languages messages are written in, the preferred first.
    let languages: [String]
    let staffPolicy: StaffPolicy
    let policy: SafeContactPolicy
    /// Where the operators of the network read.
    let operators: String?

    /// Reads `DANDELION_PROVIDERS_FILE`; without it the mail server of `DANDELION_SMTP_URL` sends everything.
    /// `DANDELION_TEMPLATES_DIRECTORY` holds texts of the installation's own, `DANDELION_LANGUAGES` the languages;
    /// `DANDELION_MESSAGES_PER_DAY` is the most a person is sent in 24 hours, `DANDELION_MESSAGES_PER_HOUR` the most an
    /// agency's desk is sent in one, haste not counted. `DANDELION_STAFF_QUIET` (`22:00-07:00`, or `none`) are the hours in
    /// which what can wait does; `DANDELION_OPERATIONS_MAIL` is told of trouble in the network.
    init(_ settings: Settings) throws {
        if settings.string("DANDELION_PROVIDERS_FILE") != nil {
            let bytes = try settings.requiredFile("DANDELION_PROVIDERS_FILE", remedy: "")
            do throws(ProvidersFile.Problem) {
                let file = try ProvidersFile(yaml: String(decoding: bytes, as: UTF8.self)) { path in
                    try Self.secret(path)
                }
                self.providers = file.set
                self.callbacks = file.callbacks
            } catch {
                throw ServiceExit(.configuration, "DANDELION_PROVIDERS_FILE: \(error.description)")
            }
        } else {
            self.providers = try MailSettings(settings).providers
            self.callbacks = []
        }
        self.catalog = try Self.catalog(settings)
        self.languages = (settings.string("DANDELION_LANGUAGES") ?? "").split(separator: ",").map(String.init)
        self.staffPolicy = try Self.staffPolicy(settings)
        self.operators = settings.string("DANDELION_OPERATIONS_MAIL")
        self.policy = SafeContactPolicy(
            perDay: try settings.integer("DANDELION_MESSAGES_PER_DAY", default: 3, in: 1...1_000_000))
    }

    private static func staffPolicy(_ settings: Settings) throws -> StaffPolicy {
        let variable = "DANDELION_STAFF_QUIET"
        let perHour = try settings.integer("DANDELION_MESSAGES_PER_HOUR", default: 30, in: 1...100)
        let text = settings.string(variable) ?? "22:00-07:00"
        guard text != "none" else { return StaffPolicy(quietFrom: 0, to: 0, perHour: perHour) }
        let minutes = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minute($0) }
        guard minutes.count == 2, let from = minutes[0], let to = minutes[1], from != to else {
            throw ConfigurationError(
                variable: variable, problem: "is no span of hours", remedy: "set it to one like 22:00-07:00, or to none"
            )
        }
        return StaffPolicy(quietFrom: from, to: to, perHour: perHour)
    }

    /// The minute of the day of `07:30`.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt8(parts[0]),
            let minute = UInt8(parts[1]), hour < 24, minute < 60
        else { return nil }
        return Int(hour) * 60 + Int(minute)
    }

    private static func catalog(_ settings: Settings) throws -> TemplateCatalog {
        guard let directory = settings.string("DANDELION_TEMPLATES_DIRECTORY") else { return .shipped }
        do {
            return try TemplateCatalog(directory: directory)
        } catch let error as TemplateErrors {
            throw ServiceExit(
                .configuration,
                "DANDELION_TEMPLATES_DIRECTORY: \(error.problems.map(\.description).joined(separator: "; "))")
        } catch {
            throw ServiceExit(.configuration, "DANDELION_TEMPLATES_DIRECTORY cannot be read; correct it")
        }
    }

    private static func secret(_ path: String) throws -> String {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        return String(text.reversed().drop { $0.isNewline }.reversed())
    }
}
