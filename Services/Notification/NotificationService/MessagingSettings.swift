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

    /// Reads `DANDELION_PROVIDERS_FILE`; without it the mail server of `DANDELION_SMTP_URL` sends everything.
    /// `DANDELION_TEMPLATES_DIRECTORY` holds texts of the installation's own, `DANDELION_LANGUAGES` the languages;
    /// `DANDELION_MESSAGES_PER_DAY` is the most a person is sent in 24 hours.
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
        self.staffPolicy = .standard
        self.policy = SafeContactPolicy(
            perDay: try settings.integer("DANDELION_MESSAGES_PER_DAY", default: 3, in: 1...1_000_000))
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
