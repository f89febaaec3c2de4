import Casework
import Safeguarding
import Testing

@testable import Messaging

private struct Named: MessageProvider {
    let name: String
    var channel = ContactChannel.sms
    var isImmediate = false
    var recognisesRepeats = false
    var sender = SenderIdentity(parts: ["signature": "平安生活"])

    func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome {
        .later(reason: "x")
    }
}

extension ProviderSet.Choice {
    fileprivate var name: String {
        switch self {
        case .provider(let provider): provider.name
        case .busy(let provider): "busy \(provider.name)"
        case .none: "none"
        }
    }
}

@Suite struct ProviderSetTests {
    private let start = ContinuousClock.now
    private let baotou = DivisionCode("150200")!
    private let hohhot = DivisionCode("150104")!

    private func providers(_ terms: [String: ProviderSet.Terms] = [:]) -> ProviderSet {
        ProviderSet(
            [Named(name: "a"), Named(name: "b"), Named(name: "c")],
            routes: [
                ProviderSet.Route(
                    audience: .helpSeeker, channel: .sms, division: DivisionCode("150100"), providers: ["c"]),
                ProviderSet.Route(audience: .helpSeeker, channel: .sms, providers: ["a", "b"]),
            ], terms: terms)
    }

    private func choose(_ set: ProviderSet, _ division: DivisionCode, _ asked: Set<String> = [], at seconds: Double = 0)
        -> String
    {
        set.choose(for: .helpSeeker, .sms, in: division, except: asked, now: self.start + .seconds(seconds)).name
    }

    @Test func theFirstRouteThatFitsCounts() {
        let set = self.providers()
        #expect(self.choose(set, self.hohhot) == "c")
        #expect(self.choose(set, self.baotou) == "a")
        #expect(self.choose(set, self.baotou, ["a"]) == "b")
        #expect(self.choose(set, self.baotou, ["a", "b"]) == "none")
        #expect(set.choose(for: .station, .sms, in: self.baotou).name == "none")
        #expect(set.choose(for: .helpSeeker, .email, in: self.baotou).name == "none")
    }

    @Test func whoFailsIsLeftAloneAndTriedAgain() {
        let set = self.providers()
        for _ in 0..<5 { set.report("a", .later(reason: "x"), after: .zero, now: self.start) }
        #expect(self.choose(set, self.baotou, at: 1) == "b", "the next is asked instead")
        for _ in 0..<5 { set.report("b", .unknown(reason: "x"), after: .zero, now: self.start) }
        #expect(self.choose(set, self.baotou, at: 1) == "busy a")
        #expect(self.choose(set, self.baotou, at: 11) == "a")
        #expect(set.claim("a", now: self.start + .seconds(11)) == nil)
        #expect(set.claim("a", now: self.start + .seconds(12)) != nil, "one message tries it, not two")
        set.report("a", .accepted(reference: nil, segments: 1), after: .zero, now: self.start + .seconds(12))
        #expect(set.claim("a", now: self.start + .seconds(12)) == nil)
    }

    @Test func aRefusedMessageSaysNothingAboutTheProvider() {
        let set = self.providers()
        for _ in 0..<20 { set.report("a", .refused(reason: "x"), after: .zero, now: self.start) }
        #expect(self.choose(set, self.baotou) == "a")
    }

    /// Messages go together to who has answered soon of late, and from the first that takes longer each waits for its own.
    @Test func whoAnswersSoonTakesSeveralTogether() {
        let set = ProviderSet(
            [
                Named(name: "mail", channel: .email, recognisesRepeats: true), Named(name: "sms"),
                Named(name: "file", channel: .email, isImmediate: true),
            ],
            routes: [
                ProviderSet.Route(audience: .station, channel: .email, providers: ["mail"]),
                ProviderSet.Route(audience: .helpSeeker, channel: .sms, providers: ["sms"]),
                ProviderSet.Route(audience: .agency, channel: .email, providers: ["file"]),
            ])
        let taken = ProviderOutcome.accepted(reference: nil, segments: 0)
        func isUsed(to outcome: ProviderOutcome = taken, after time: Duration = .milliseconds(250)) -> Bool {
            for _ in 0..<7 { set.report("mail", taken, after: .milliseconds(250)) }
            let isEarly = set.takesTogether("mail")
            set.report("mail", outcome, after: time)
            return !isEarly && set.takesTogether("mail")
        }
        #expect(!set.takesTogether("mail"), "nothing is known of it")
        #expect(isUsed())
        set.report("mail", taken, after: .milliseconds(251))
        #expect(!set.takesTogether("mail"))
        #expect(isUsed(to: .refused(reason: "x")), "that is an answer, too")
        set.report("mail", .unknown(reason: "x"), after: .zero)
        #expect(!set.takesTogether("mail"))
        #expect(isUsed())
        set.report("mail", .later(reason: "x"), after: .zero)
        #expect(!set.takesTogether("mail"))
        #expect(isUsed())
        set.report("mail", .expired, after: .seconds(5))
        #expect(set.takesTogether("mail"), "that said nothing about it")
        for _ in 0..<20 { set.report("sms", taken, after: .zero) }
        #expect(!set.takesTogether("sms"), "a repeat would arrive twice")
        #expect(set.takesTogether("file"))
        #expect(!set.takesTogether("nobody"))
    }

    /// One whose answer is late keeps the others from joining it, before it has come to anything.
    @Test func whileOneHangsNothingJoins() {
        let set = ProviderSet([Named(name: "mail", channel: .email, recognisesRepeats: true)], routes: [])
        for _ in 0..<8 { set.report("mail", .refused(reason: "x"), after: .zero) }
        set.began("mail", 1, now: self.start)
        set.began("mail", 2, now: self.start + .milliseconds(100))
        #expect(set.takesTogether("mail", now: self.start + .milliseconds(250)))
        #expect(!set.takesTogether("mail", now: self.start + .milliseconds(251)))
        #expect(set.ended("mail", 1, now: self.start + .milliseconds(300)) == .milliseconds(300))
        #expect(set.takesTogether("mail", now: self.start + .milliseconds(350)), "the second is not late yet")
        #expect(!set.takesTogether("mail", now: self.start + .milliseconds(351)))
        #expect(set.ended("mail", 3) == .zero, "its turn never came")
    }

    @Test func whoIsAskedFirstIsKnownWhereItIsTheSameEverywhere() {
        #expect(self.providers().first(for: .helpSeeker, .sms) == ["a", "c"])
        #expect(self.providers().first(for: .station, .sms) == [])
    }

    @Test func aRateIsKept() {
        let set = self.providers(["a": ProviderSet.Terms(perSecond: 2, cost: 5000)])
        #expect(set.claim("a", now: self.start) == nil && set.claim("a", now: self.start) == nil)
        #expect(set.claim("a", now: self.start) == .milliseconds(500))
        #expect(self.choose(set, self.baotou) == "b")
        #expect(self.choose(set, self.baotou, at: 0.5) == "a")
        #expect(
            set.cost("a", segments: 2) == 10_000 && set.cost("a", segments: 0) == 5000
                && set.cost("b", segments: 3) == 0)
    }
}

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    /// What a breaker says at each of these seconds, asked in order.
    private func admits(_ breaker: inout CircuitBreaker, _ seconds: Int...) -> [Bool] {
        seconds.map { breaker.admits(now: self.start + .seconds($0)) }
    }

    @Test func eachFailedTrialDoublesThePause() {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(10))
        breaker.failed(now: self.start)
        var now = 0
        for pause in [10, 20, 40, 80, 160, 160] {
            let early = self.admits(&breaker, now + pause - 1)
            now += pause
            let then = self.admits(&breaker, now, now + 1)
            #expect(early == [false])
            #expect(then == [true, false], "one at a time")
            breaker.failed(now: self.start + .seconds(now))
        }
        breaker.succeeded()
        let after = self.admits(&breaker, now)
        #expect(after == [true])
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func aTrialThatNeverEndedIsMadeAgain() {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(10))
        breaker.failed(now: self.start)
        let answers = self.admits(&breaker, 10, 19, 20)
        #expect(answers == [true, false, true])
    }

    @Test func aSuccessForgetsFailures() {
        var breaker = CircuitBreaker(threshold: 2, pause: .seconds(10))
        breaker.failed(now: self.start)
        breaker.succeeded()
        breaker.failed(now: self.start)
        let answers = self.admits(&breaker, 0)
        #expect(answers == [true])
    }
}
