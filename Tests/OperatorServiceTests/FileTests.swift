import Casework
import Foundation
import Testing

@testable import OperatorService

struct FileTests {
    @Test func aSecretIsNeverOverwritten() throws {
        try TemporaryDirectory.with { directory in
            try PrivateFile.create("\(directory)/key", "one\n")
            #expect(throws: CommandFailure.self) { try PrivateFile.create("\(directory)/key", "two\n") }
            #expect(try TextFile.secret("\(directory)/key") == "one")
            #expect(try TemporaryDirectory.mode("\(directory)/key") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["key"])
        }
    }

    @Test func aFileThatCannotBeReadSaysWhy() throws {
        let failure = #expect(throws: CommandFailure.self) { try TextFile.read("/nonexistent/file") }
        #expect(
            failure
                == CommandFailure(.badData, "/nonexistent/file cannot be read: there is no such file; correct the path")
        )
    }

    @Test func aBearerKeyIsLongRandomAndKnowsItsHolder() throws {
        let key = BearerKey(for: .intakeClient)
        #expect(key.text.hasPrefix("dik_") && key.text.count == 47)
        #expect(key.text != BearerKey(for: .intakeClient).text)
        #expect(key.text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        try TemporaryDirectory.with { directory in
            try PrivateFile.create("\(directory)/key", key.text + "\n")
            #expect(try BearerKey(file: "\(directory)/key", for: .intakeClient).hash == key.hash)
            #expect(throws: CommandFailure.self) { try BearerKey(file: "\(directory)/key", for: .agency) }
        }
    }

    private static let region = "level,code,name,parent\nregion,150000,内蒙古,\n"

    @Test func divisionsMayHaveTheirParentInTheDatabase() throws {
        let known = try DivisionFiles([("a", Self.region)]).divisions(besides: [])
        let files = DivisionFiles([("b", "level,code,name,parent\nleague,150100,呼和浩特市,150000\n")])
        #expect(try files.divisions(besides: known).map(\.code.rawValue) == ["150100"])
        #expect(throws: CommandFailure.self) { try files.divisions(besides: []) }
    }

    @Test func theFileAndLineAtFaultAreNamed() {
        let files = DivisionFiles([
            ("good.csv", Self.region), ("bad.csv", "level,code,name,parent\nleague,1501,x,150000\n"),
        ])
        let failure = #expect(throws: CommandFailure.self) { try files.divisions(besides: []) }
        #expect(failure?.reason.hasPrefix("bad.csv: line 2") == true)
    }
}
