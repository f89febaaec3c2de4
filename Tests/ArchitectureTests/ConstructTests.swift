import Testing

@Suite struct ConstructTests {
    /// What can crash, leak or race: allowed only beside a comment that says why it cannot.
    private static func needsAReason(_ line: Substring) -> [String] {
        var found = ["try!", "as!", "fatalError(", "Task.detached", "@unchecked Sendable", "nonisolated(unsafe)"]
            .filter { line.contains($0) }
        if line.contains(/\bTask\s*(\([^)]*\)\s*)?\{/) { found.append("Task {") }
        return found
    }

    /// Where a reason may stand: behind the construct, on the line above it, or on the first line inside it.
    static func withoutAReason(in file: SourceFile) -> [String] {
        var found: [String] = []
        let lines = file.lines
        for (index, line) in lines.enumerated() where !Self.isComment(line) {
            let above = index > 0 ? lines[index - 1] : ""
            let below = index + 1 < lines.count ? lines[index + 1] : ""
            guard !line.contains("//"), !Self.isComment(above), !Self.isComment(below) else { continue }
            for construct in Self.needsAReason(line) {
                found.append("\(file.path):\(index + 1): `\(construct)` without a comment that says why it is safe")
            }
        }
        return found
    }

    private static func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " || $0 == "\t" }.hasPrefix("//")
    }

    @Test func dangerousConstructsGiveTheirReason() throws {
        for folder in ["Shared", "Services"] {
            for file in try SourceTree.files(under: folder, endings: ["swift"]) {
                for complaint in Self.withoutAReason(in: file) { Issue.record("\(complaint)") }
            }
        }
    }

    /// In a loop without any way out the optimiser of Swift 6.3.1 never releases what a turn has retained: every turn
    /// leaks. Such a loop may only call one function that is never inlined, which releases at its own end.
    static func withoutAWayOut(in file: SourceFile) -> [String] {
        var found: [String] = []
        let lines = file.lines
        for (index, line) in lines.enumerated() where line.contains("while true {") && !Self.isComment(line) {
            let indent = line.prefix { $0 == " " }
            let body = lines.dropFirst(index + 1).prefix { !$0.hasPrefix("\(indent)}") }
            let hasWayOut = body.contains { line in
                !Self.isComment(line) && line.contains(/\b(return|break|throw)\b|\btry(?![?!])\b/)
            }
            if hasWayOut { continue }
            let called = body.count == 1 ? body.first?.firstMatch(of: /(\w+)\(/)?.1 : nil
            let isApart = called.map { name in
                zip(lines, lines.dropFirst()).contains { $0.contains("@inline(never)") && $1.contains("func \(name)(") }
            }
            if isApart != true {
                found.append("\(file.path):\(index + 1): a loop without a way out leaks what a turn retains")
            }
        }
        return found
    }

    @Test func aLoopHasAWayOutOrKeepsNothing() throws {
        for folder in ["Shared", "Services"] {
            for file in try SourceTree.files(under: folder, endings: ["swift"]) {
                for complaint in Self.withoutAWayOut(in: file) { Issue.record("\(complaint)") }
            }
        }
    }

    @Test func theCheckOfLoopsSeesWhatItShould() {
        let file = SourceFile(
            path: "Shared/X/Y.swift",
            text: """
                func a() {
                    while true {
                        let values = self.take()
                        for value in values { value.run() }
                        try? other()
                    }
                }
                func b() async throws {
                    while true {
                        try await Task.sleep(for: .seconds(1))
                    }
                }
                func c() {
                    while true {
                        if self.isOver { return }
                    }
                }
                func d() {
                    while true {
                        self.round(&events)
                    }
                }
                @inline(never)
                private func round(_ events: inout [Int]) {}
                func e() {
                    while true {
                        self.other()
                    }
                }
                """)
        #expect(
            Self.withoutAWayOut(in: file).map { $0.split(separator: " ").first } == [
                "Shared/X/Y.swift:2:", "Shared/X/Y.swift:26:",
            ])
    }

    @Test func aTODONamesItsIssue() throws {
        for file in try SourceTree.swiftFiles() where file.target != "ArchitectureTests" {
            for (index, line) in file.lines.enumerated() where line.contains("TODO") || line.contains("FIXME") {
                #expect(line.contains(/(#|issue )\d+/), "\(file.path):\(index + 1): a TODO without an issue")
            }
        }
    }

    @Test func theCheckSeesWhatItShould() {
        let file = SourceFile(
            path: "Shared/X/Y.swift",
            text: """
                let a = try! b()
                let z = 1
                // The literal is valid: it is a constant of ours.
                let c = try! d()
                Task { await e() }
                Task(priority: .low) { await e() }
                try await withTaskGroup { _ in }
                group.addTask { }
                final class F: @unchecked Sendable {}  // All state is behind the lock.
                """)
        #expect(
            Self.withoutAReason(in: file).map { String($0.prefix { $0 != "`" }) } == [
                "Shared/X/Y.swift:1: ", "Shared/X/Y.swift:5: ", "Shared/X/Y.swift:6: ",
            ])
    }
}
