import Testing

@testable import ServiceKit

@Suite struct SettingsTests {
    private func error(_ body: () async throws -> Void) async -> ConfigurationError? {
        await #expect(throws: ConfigurationError.self) { try await body() }
    }

    @Test func environmentComesBeforeTheFile() async throws {
        try await withTemporaryFile("http:\n  port: 9001\n  host: 10.0.0.1\npool:\n  size: 3\n") { path in
            let settings = try await Settings(
                environment: ["DANDELION_CONFIG": path, "DANDELION_HTTP_PORT": "9002", "HOME": "/"])
            #expect(try settings.integer("DANDELION_HTTP_PORT", default: 1, in: 0...65535) == 9002)
            #expect(settings.string("DANDELION_HTTP_HOST") == "10.0.0.1")
            #expect(try settings.integer("DANDELION_POOL_SIZE", default: 1, in: 1...10) == 3)
        }
    }

    @Test func emptyCountsAsNotSet() async throws {
        let settings = try await Settings(environment: ["DANDELION_HTTP_HOST": "", "DANDELION_CONFIG": ""])
        #expect(settings.string("DANDELION_HTTP_HOST") == nil)
    }

    @Test func aWrongNumberNamesTheVariableAndTheRangeButNotTheValue() async throws {
        let settings = try await Settings(environment: ["DANDELION_HTTP_PORT": "s3cret"])
        let error = await self.error { _ = try settings.integer("DANDELION_HTTP_PORT", default: 8081, in: 0...65535) }
        #expect(
            error?.description
                == "DANDELION_HTTP_PORT is not a whole number from 0 to 65535; set it to one, or remove it for the default 8081"
        )
    }

    @Test(arguments: ["yes": true, "TRUE": true, "1": true, "off": false, "no": false])
    func booleansInTheUsualWords(word: String, value: Bool) async throws {
        let settings = try await Settings(environment: ["DANDELION_PREPARED_STATEMENTS": word])
        #expect(try settings.boolean("DANDELION_PREPARED_STATEMENTS", default: !value) == value)
    }

    @Test func anUnknownChoiceListsTheKnownOnes() async throws {
        let settings = try await Settings(environment: ["DANDELION_LOG_FORMAT": "xml"])
        let error = await self.error { _ = try settings.choice("DANDELION_LOG_FORMAT", default: LogFormat.text) }
        #expect(error?.remedy == "set it to one of: json, text")
    }

    @Test func aSecretComesFromItsFileWithoutTheLineEnd() async throws {
        try await withTemporaryFile("host=db password=x\n") { path in
            let settings = try await Settings(environment: ["DANDELION_DATABASE_FILE": path])
            #expect(try settings.requiredSecret("DANDELION_DATABASE", remedy: "") == "host=db password=x")
        }
    }

    @Test func aSecretGivenTwiceIsAnError() async throws {
        let settings = try await Settings(
            environment: ["DANDELION_DATABASE": "host=a", "DANDELION_DATABASE_FILE": "/nowhere"])
        let error = await self.error { _ = try settings.secret("DANDELION_DATABASE") }
        #expect(error?.description == "DANDELION_DATABASE and DANDELION_DATABASE_FILE are both set; remove one of them")
    }

    @Test func aMissingKeyFileIsNamedByItsVariable() async throws {
        let settings = try await Settings(environment: ["DANDELION_FIELD_KEYS_FILE": "/nowhere/keys"])
        let error = await self.error { _ = try settings.requiredFile("DANDELION_FIELD_KEYS_FILE", remedy: "") }
        #expect(
            error?.description
                == "DANDELION_FIELD_KEYS_FILE names a file that does not exist; create it, or let the variable name the right file"
        )
    }

    @Test func aDirectoryIsNotAKeyFile() async throws {
        let settings = try await Settings(environment: ["DANDELION_FIELD_KEYS_FILE": "/tmp"])
        let error = await self.error { _ = try settings.requiredFile("DANDELION_FIELD_KEYS_FILE", remedy: "") }
        #expect(error?.problem == "names something that is not a file")
    }

    @Test func aMissingConfigurationFileIsNamed() async throws {
        let error = await self.error { _ = try await Settings(environment: ["DANDELION_CONFIG": "/nowhere.yaml"]) }
        #expect(error?.variable == "DANDELION_CONFIG")
        #expect(error?.problem == "names a file that does not exist")
    }

    @Test func aBrokenConfigurationFileTellsTheLineAndNotItsContent() async throws {
        try await withTemporaryFile("http:\n  port: 1\ndatabase: \"host=db password=hunter2\n") { path in
            let error = await self.error { _ = try await Settings(environment: ["DANDELION_CONFIG": path]) }
            #expect(error?.problem.hasPrefix("names a file that is not a YAML mapping (line ") == true)
            #expect(error?.description.contains("hunter2") == false)
        }
    }
}
