import Testing
import TestSupport

@testable import PostgresClient

@Suite struct CopyTests {
    private struct SourceFailed: Error {}

    private func copy(into table: String) -> Statement {
        TestAddress.statement("COPY \(table) FROM STDIN", name: "copy_rows")
    }

    private func chunks(_ count: Int, rows: Int) -> Chunks {
        Chunks { number in
            guard number < count else { return nil }
            return (number * rows..<(number + 1) * rows).flatMap { Array("\($0)\trow \($0)\n".utf8) }
        }
    }

    @Test func aHundredThousandRows() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let count = try await connection.copyIn(self.copy(into: table), self.chunks(100, rows: 1000))
                #expect(count == 100_000)
                #expect(try await connection.value("SELECT sum(n)::int8 FROM \(table)") == 4_999_950_000)
                #expect(await connection.isClean)
            }
        }
    }

    @Test func aRowMaySpanChunksAndAChunkMayBeEmptyOrLarge() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let chunks = Chunks(["1\to", "", "ne\n", "2\t\(String(repeating: "x", count: 3 << 20))\n"])
                #expect(try await connection.copyIn(self.copy(into: table), chunks) == 2)
                #expect(try await connection.value("SELECT length(t) FROM \(table) WHERE n = 2") == 3 << 20)
            }
        }
    }

    /// The source is asked for no more while the server takes nothing.
    @Test func aSlowServerHoldsTheSourceBack() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await ServerActivity.with { activity async throws in
                try await activity.connection.run("BEGIN")
                try await activity.connection.run("LOCK TABLE \(table)")
                try await withConnection { connection async throws in
                    let backend = try await connection.backend()
                    let asked = TestSignal<Int>("the source is asked")
                    let chunk = (0..<10_000).flatMap { Array("\($0)\trow\n".utf8) }
                    try await withThrowingTaskGroup(of: Int.self) { group async throws in
                        group.addTask {
                            let source = Chunks { number in
                                asked.send(number)
                                return number < 50 ? chunk : nil
                            }
                            return try await connection.copyIn(self.copy(into: table), source)
                        }
                        try await activity.waitUntilBlocked(backend)
                        #expect(asked.pending < 50)
                        try await activity.connection.run("COMMIT")
                        #expect(try await group.next() == 500_000)
                        #expect(asked.pending == 51)
                    }
                }
            }
        }
    }

    @Test func aRowThatTheServerRefusesLeavesTheConnectionUsable() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let chunks = Chunks(["1\tone\n", "not a number\ttwo\n", "3\tthree\n"])
                let error = try await failure { try await connection.copyIn(self.copy(into: table), chunks) }
                #expect(error.sqlState == "22P02")
                #expect(error.statement == "copy_rows")
                #expect(await connection.isClean)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func aSourceThatThrowsCallsTheCopyOff() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let chunks = Chunks { number in
                    guard number < 3 else { throw SourceFailed() }
                    return Array("1\tone\n".utf8)
                }
                await #expect(throws: SourceFailed.self) {
                    try await connection.copyIn(self.copy(into: table), chunks)
                }
                #expect(await connection.isClean)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func cancellingTheTaskCallsTheCopyOff() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let asked = TestSignal<Void>("the source is asked")
                let ended = TestSignal<PostgresError?>("the copy ended")
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    group.addTask {
                        let endless = Chunks { _ in
                            asked.send()
                            return Array("1\tone\n".utf8)
                        }
                        ended.send(
                            try? await failure { try await connection.copyIn(self.copy(into: table), endless) })
                    }
                    try await asked.wait()
                    group.cancelAll()
                    #expect(try await ended.wait()?.code == .cancelled)
                }
                #expect(await connection.isClean)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func cancellingTheTaskEndsACopyThatIsStuck() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await ServerActivity.with { activity async throws in
                try await activity.connection.run("BEGIN")
                try await activity.connection.run("LOCK TABLE \(table)")
                try await withConnection { connection async throws in
                    let backend = try await connection.backend()
                    let ended = TestSignal<PostgresError?>("the copy ended")
                    try await withThrowingTaskGroup(of: Void.self) { group async throws in
                        group.addTask {
                            ended.send(
                                try? await failure {
                                    try await connection.copyIn(
                                        self.copy(into: table), self.chunks(1000, rows: 1000))
                                })
                        }
                        try await activity.waitUntilBlocked(backend)
                        group.cancelAll()
                        #expect(try await ended.wait()?.code == .cancelled)
                    }
                    #expect(await connection.isClean)
                }
                try await activity.connection.run("COMMIT")
            }
        }
    }

    @Test func otherStatementsWaitForTheEndOfTheCopy() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let go = TestSignal<Void>("go on")
                try await withThrowingTaskGroup(of: Int.self) { group async throws in
                    group.addTask {
                        let source = Chunks { number in
                            guard number == 0 else { return nil }
                            try await go.wait()
                            return Array("1\tone\n".utf8)
                        }
                        return try await connection.copyIn(self.copy(into: table), source)
                    }
                    try await eventually { await connection.isInCopy }
                    group.addTask { try await connection.value("SELECT count(*) FROM \(table)") }
                    try await eventually { await connection.queue.count == 1 }
                    go.send()
                    for try await count in group { #expect(count == 1) }
                }
            }
        }
    }

    @Test func aStatementThatIsNoCopyIsRefused() async throws {
        try await withConnection { connection async throws in
            let error = try await failure {
                try await connection.copyIn(TestAddress.statement("SELECT 1"), Chunks([]))
            }
            #expect(error.code == .misuse)
            #expect(await connection.isClean)
        }
    }

    @Test func aCopyInTheWrongPlaceIsRefused() async throws {
        try await withTable("n int8, t text") { table async throws in
            try await withConnection { connection async throws in
                let error = try await failure { try await connection.execute(self.copy(into: table)) }
                #expect(error.code == .misuse)
                #expect(await connection.isClean)
                let script = try await failure {
                    try await connection.run(script: "COPY \(table) FROM STDIN", name: "script")
                }
                #expect(script.code == .misuse)
                #expect(try await connection.value("SELECT count(*) FROM \(table)") == 0)
                let out = try await failure { try await connection.run("COPY \(table) TO STDOUT") }
                #expect(out.code == .misuse)
                #expect(!connection.isOpen)
            }
        }
    }
}
