import Casework
import Foundation
import TestSupport

/// The data files the project ships, read where they lie, and helpers every suite here shares.
enum Deployment {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: self.folder.appending(path: path), encoding: .utf8)
    }

    static func divisions() throws -> DivisionTree {
        try DivisionTree(
            csv: [try self.text("data/divisions.csv"), try self.text("demo/divisions.csv")],
            aliasesCSV: try self.text("data/division-aliases.csv"))
    }

    static func ruleSet(short: Bool = false) throws -> RuleSet {
        try RuleSet.load(
            yaml: try self.text("rules/network.yaml"),
            clockOverridesYAML: short ? try self.text("demo/short-clocks.yaml") : nil)
    }

    static func agencies() throws -> [Agency] {
        let file = try AgencyFile(yaml: try self.text("demo/agencies.yaml"))
        var generator = SplitMix(seed: 7)
        return try file.agencies(in: try self.divisions()).map { entry in
            entry.agency(id: UUID.random(using: &generator))
        }
    }
}

extension UUID {
    static func random(using generator: inout some RandomNumberGenerator) -> UUID {
        var bytes = UUID().uuid
        withUnsafeMutableBytes(of: &bytes) { buffer in
            for index in buffer.indices {
                buffer[index] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        return UUID(uuid: bytes)
    }
}

extension Date {
    /// `2026-03-04 09:30` in Beijing.
    static func beijing(_ text: String) -> Date {
        let day = LocalDate(String(text.prefix(10)))!
        let time = LocalTime(String(text.suffix(5)))!
        return day.startInBeijing.addingTimeInterval(Double(time.minuteOfDay) * 60)
    }
}

extension DivisionCode {
    static func code(_ text: String) -> DivisionCode { DivisionCode(text)! }
}

/// A referral that expectations can change in place: macros cannot call mutating functions.
final class TestReferral {
    private var machine: ReferralStateMachine

    init(_ status: ReferralStatus = .draft) {
        self.machine = ReferralStateMachine(status: status)
    }

    var status: ReferralStatus { self.machine.status }

    func apply(
        _ event: ReferralEvent, by party: ReferralParty, at now: Date, objectionDue: Date? = nil
    ) throws(ReferralTransitionError) -> ReferralStateMachine.Consequence {
        try self.machine.apply(event, by: party, at: now, objectionDue: objectionDue)
    }
}

/// A clock that expectations can change in place.
final class TestClock {
    private var clock: CaseClock

    init(_ clock: CaseClock) {
        self.clock = clock
    }

    var dueAt: Date { self.clock.dueAt }
    var status: ClockStatus { self.clock.status }

    func fire(at now: Date) -> Bool { self.clock.fire(at: now) }
    func meet(at now: Date) { self.clock.meet(at: now) }
    func cancel() { self.clock.cancel() }
}
