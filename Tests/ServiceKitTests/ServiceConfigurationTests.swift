import JobTypes
import Logging
import PostgresClient
import Testing

@testable import ServiceKit

@Suite struct ServiceConfigurationTests {
    @Test func defaultsNeedOnlyTheDatabase() async throws {
        let settings = try await Settings(environment: ["DANDELION_DATABASE": "dbname=x"])
        let configuration = try ServiceConfiguration(service: "intake", defaultPort: 8081, settings: settings)
        #expect(configuration.http == HTTPAddress(host: "127.0.0.1", port: 8081))
        #expect(configuration.drain == .seconds(20))
        #expect(configuration.startupPatience == .seconds(60))
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .text)
        #expect(configuration.database.dsn == "dbname=x")
    }

    @Test func transactionsSayWhichTraceTheyBelongTo() async throws {
        let settings = try await Settings(environment: ["DANDELION_DATABASE": "dbname=x"])
        let configuration = try ServiceConfiguration(service: "intake", defaultPort: 8081, settings: settings)
        let prologue = try #require(configuration.database.transactionPrologue)
        #expect(prologue() == nil, "nobody pays for a trace that is none")
        let named = TraceContext.$current.withValue(TraceContext()) { prologue()?.description }
        #expect(named == "carry_trace")
    }

    @Test func withoutADatabaseTheLineSaysWhatToSet() async throws {
        let settings = try await Settings(environment: [:])
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(service: "intake", defaultPort: 8081, settings: settings)
        }
        #expect(
            error?.description
                == "DANDELION_DATABASE is not set (nor is DANDELION_DATABASE_FILE); set it to a libpq connection string, such as host=db dbname=dandelion"
        )
    }
}
