import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Safeguarding
import ServiceKit
import Testing

@testable import IntakeService
@testable import PostgresClient

@Suite struct ExpiringCacheTests {
    @Test func aValueIsGivenWhileItIsFresh() {
        let cache = ExpiringCache<String, Int>(lifetime: .seconds(5), capacity: 2)
        let start = ContinuousClock.now
        cache.remember(1, for: "a", now: start)
        #expect(cache.value(for: "a", now: start + .seconds(4)) == 1)
        #expect(cache.value(for: "a", now: start + .seconds(5)) == nil)
        #expect(cache.value(for: "b", now: start) == nil)
    }

    @Test func theOldestMakesRoom() {
        let cache = ExpiringCache<String, Int>(lifetime: .seconds(5), capacity: 2)
        let start = ContinuousClock.now
        for (index, key) in ["a", "b", "c"].enumerated() {
            cache.remember(index, for: key, now: start + .seconds(index))
        }
        #expect(["a", "b", "c"].map { cache.value(for: $0, now: start + .seconds(2)) } == [nil, 1, 2])
    }
}

@Suite struct IntakeSecretsTests {
    @Test func aReceiptIsDerivedFromItsCaseAndTheKey() {
        let index = BlindIndex.generate()
        let secrets = IntakeSecrets(index: index)
        let id = UUID()
        #expect(secrets.receipt(for: id) == IntakeSecrets(index: index).receipt(for: id))
        #expect(secrets.receipt(for: id) != secrets.receipt(for: UUID()))
        #expect(secrets.receipt(for: id) != IntakeSecrets(index: .generate()).receipt(for: id))
        #expect(Receipt(parsing: secrets.receipt(for: id).formatted) == secrets.receipt(for: id))
    }

    @Test func aFingerprintIsNotAPlainHash() {
        let body = Array("{}".utf8)
        let secrets = IntakeSecrets(index: .generate())
        #expect(secrets.fingerprint(of: body) == secrets.fingerprint(of: body))
        #expect(secrets.fingerprint(of: body) != secrets.fingerprint(of: Array("{ }".utf8)))
        #expect(secrets.fingerprint(of: body) != IntakeSecrets(index: .generate()).fingerprint(of: body))
    }

    /// A stored index of a name must never be one of the derived keys.
    @Test func noNameOfARequestCanEqualALabel() {
        #expect(IntakeSecrets.longestName == 100)
        let name = String(repeating: "n", count: IntakeSecrets.longestName + 1)
        let request = IntakeRequest(
            channel: .hotline, division: DivisionCode("150104")!, categories: [.advice],
            people: [RequestPerson(role: .helpSeeker, name: name)])
        let tree = try? DivisionTree([])
        #expect(request.validate(now: Date(), divisions: tree!).contains { $0.field == "/people/0/name" })
    }
}

@Suite struct OpeningAttemptsTests {
    private let key: IdempotencyKey

    init() throws {
        self.key = try IdempotencyKey(of: [:])
    }

    @Test func anUnknownOutcomeIsPursuedUntilPatienceEnds() {
        let start = ContinuousClock.now
        var attempts = OpeningAttempts(patience: .seconds(10), now: start)
        #expect(attempts.failed(with: PostgresError(.commitOutcomeUnknown), now: start) != .giveUp)
        #expect(attempts.failed(with: PostgresError(.connectionFailed), now: start + .seconds(9)) != .giveUp)
        #expect(attempts.failed(with: PostgresError(.connectionFailed), now: start + .seconds(10)) == .giveUp)
        #expect(attempts.givingUp(key: self.key)?.type == .outcomeUnknown)
    }

    @Test func aFailureThatChangedNothingIsNotPursuedForLong() {
        var attempts = OpeningAttempts(patience: .seconds(10))
        for _ in 0..<3 { #expect(attempts.failed(with: PostgresError(.connectionLost)) != .giveUp) }
        #expect(attempts.failed(with: PostgresError(.connectionLost)) == .giveUp)
        #expect(attempts.givingUp(key: self.key) == nil)
        var full = OpeningAttempts(patience: .seconds(10))
        #expect(full.failed(with: PostgresError(.poolExhausted)) == .giveUp)
    }

    @Test func aTakenNumberIsDrawnAgain() {
        var attempts = OpeningAttempts(patience: .zero)
        #expect(attempts.failed(with: CaseworkError(code: .numberTaken)) == .again(after: .zero))
    }

    @Test func aRefusalSettlesAnUnknownOutcome() {
        var attempts = OpeningAttempts(patience: .seconds(10))
        _ = attempts.failed(with: PostgresError(.commitOutcomeUnknown))
        #expect(attempts.failed(with: CaseworkError(code: .idempotencyKeyReused)) == .giveUp)
        #expect(attempts.givingUp(key: self.key) == nil)
    }
}
