import DandelionAgency
import FoundationEssentials
import Testing

@testable import AgencyWorkerService

@Suite struct WorkerSettingsTests {
    /// A folder of the test's own, with agencies in it.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = "\(FileManager.default.temporaryDirectory.path())agencies-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func write(_ text: String, to path: String) throws {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/\(folder)", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private let privateKey = Data(AgencyPrivateKey().rawRepresentation).base64EncodedString()

    private func settings(_ environment: [String: String]) throws(WorkerExit) -> WorkerSettings {
        try WorkerSettings(
            environment: ["DANDELION_GATEWAY_URL": "http://127.0.0.1:8082"].merging(environment) { $1 })
    }

    @Test func oneAgencyIsReadFromItsThreeFiles() throws {
        try self.withDirectory { path in
            try self.write("dak_one\n", to: "\(path)/key")
            try self.write(self.privateKey, to: "\(path)/private.key")
            try self.write(#"{"answer":"silent"}"#, to: "\(path)/behaviour.json")
            let settings = try self.settings([
                "DANDELION_AGENCY_KEY_FILE": "\(path)/key", "DANDELION_AGENCY_PRIVATE_KEY_FILE": "\(path)/private.key",
                "DANDELION_AGENCY_BEHAVIOUR_FILE": "\(path)/behaviour.json",
            ])
            #expect(settings.agencies.map(\.behaviour.answer) == [.silent])
        }
    }

    @Test func aDirectoryHoldsOneAgencyPerSubfolder() throws {
        try self.withDirectory { path in
            for name in ["b-police", "a-court"] {
                try self.write("dak_\(name)", to: "\(path)/\(name)/key")
                try self.write(self.privateKey, to: "\(path)/\(name)/private.key")
            }
            try self.write(#"{"answer":"object","reason":"other"}"#, to: "\(path)/b-police/behaviour.json")
            try self.write("not an agency", to: "\(path)/readme/text")
            let agencies = try self.settings(["DANDELION_AGENCIES_DIRECTORY": path]).agencies
            #expect(agencies.map(\.name) == ["a-court", "b-police"])
            #expect(agencies.map(\.behaviour.answer) == [.accept, .object])
        }
    }

    @Test func whatIsMissingIsNamedWithItsRemedy() throws {
        try self.withDirectory { path in
            try self.write("dak_one", to: "\(path)/key")
            try self.write("two words", to: "\(path)/bad-key")
            try self.write("no key", to: "\(path)/bad-private")
            try self.write(self.privateKey, to: "\(path)/private.key")
            let keys = [
                "DANDELION_AGENCY_KEY_FILE": "\(path)/key", "DANDELION_AGENCY_PRIVATE_KEY_FILE": "\(path)/private.key",
            ]
            let wrong: [(environment: [String: String], says: String)] = [
                ([:], "DANDELION_AGENCY_KEY_FILE is not set"),
                (["DANDELION_GATEWAY_URL": ""], "DANDELION_GATEWAY_URL is not set"),
                (keys.merging(["DANDELION_GATEWAY_URL": "gateway"]) { $1 }, "URL"),
                (keys.merging(["DANDELION_AGENCY_KEY_FILE": "\(path)/nothing"]) { $1 }, "there is no such file"),
                (keys.merging(["DANDELION_AGENCY_KEY_FILE": path]) { $1 }, "it is a directory"),
                (keys.merging(["DANDELION_AGENCY_KEY_FILE": "\(path)/bad-key"]) { $1 }, "one word"),
                (keys.merging(["DANDELION_AGENCY_PRIVATE_KEY_FILE": "\(path)/bad-private"]) { $1 }, "private key file"),
                (keys.merging(["DANDELION_AGENCY_BEHAVIOUR_FILE": "\(path)/nothing"]) { $1 }, "there is no such file"),
                (keys.merging(["DANDELION_AGENCY_CONCURRENCY": "0"]) { $1 }, "DANDELION_AGENCY_CONCURRENCY"),
                (keys.merging(["DANDELION_LOG_LEVEL": "loud"]) { $1 }, "DANDELION_LOG_LEVEL"),
                (["DANDELION_AGENCIES_DIRECTORY": "\(path)/nowhere"], "cannot be listed"),
                (["DANDELION_AGENCIES_DIRECTORY": path], "no subfolder"),
            ]
            for (environment, says) in wrong {
                let exit = #expect(throws: WorkerExit.self) { try self.settings(environment) }
                #expect(exit?.reason.contains(says) == true, "\(exit?.reason ?? "") should say \(says)")
                #expect(exit?.code == .configuration)
                #expect(exit?.reason.contains("two words") == false && exit?.reason.contains("no key") == false)
            }
        }
    }
}
