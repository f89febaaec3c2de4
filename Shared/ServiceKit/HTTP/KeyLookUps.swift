import Metrics
import NIOConcurrencyHelpers

/// Bounds what bearer keys that nobody has cost the database.
///
/// A key that was refused is refused again for a few seconds without a look-up. A key that was never seen may be a guess:
/// such look-ups are counted by peer, and all together. A key that was found once is no guess any more: it is always
/// looked up, so whoever guesses, from wherever, takes nothing from those who are known. Look-ups that find a key, or
/// fail, are not counted, so that a thousand known callers may come through one proxy at once; and of many requests that
/// come with one new key at once, one looks it up.
public final class KeyLookUps: Sendable {
    /// How many keys that were never seen are looked up, and for how long a refusal is remembered.
    public struct Limits: Sendable {
        /// Of one peer: `peerBurst` at once, then so many per second.
        public var perPeer: Double = 10
        public var peerBurst = 20
        /// Of all peers together, at once and per second.
        public var overall = 200
        /// Shorter than anybody waits for a key that was registered just now.
        public var memory: Duration = .seconds(3)
        /// Keys that are remembered, found and refused each.
        public var capacity = 20_000

        public init() {}
    }

    private struct State {
        var found: Set<[UInt8]> = []
        var refused: [[UInt8]: ContinuousClock.Instant] = [:]
        /// Those who came with a key that is being looked up for the first time.
        var waiting: [[UInt8]: [CheckedContinuation<Void, any Error>]] = [:]
        var peers: TokenBuckets<Peer>
        var overall: TokenBuckets<Int>
    }

    /// What is to be done for a key.
    enum Admission: Equatable {
        /// It was found before: look it up.
        case known
        /// Look it up, and say what came of it. It is counted.
        case first
        /// Another request has come with it and is looking it up.
        case waiting
    }

    private let limits: Limits
    private let state: NIOLockedValueBox<State>

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        self.state = NIOLockedValueBox(
            State(
                peers: TokenBuckets(
                    capacity: limits.peerBurst, perSecond: limits.perPeer, maximumKeys: limits.capacity),
                overall: TokenBuckets(
                    capacity: limits.overall, perSecond: Double(limits.overall), maximumKeys: 1)))
    }

    /// What a key stands for.
    /// - Parameter lookUp: asks the database; `nil` when it does not know the key.
    /// - Throws: `HTTPProblem` 401 for a key that is not known, 429 when too many unknown ones came; what `lookUp` throws.
    public func find<Value: Sendable>(
        _ key: TokenHash, from peer: Peer, _ lookUp: () async throws -> Value?
    ) async throws -> Value {
        var admission = try self.admit(key.bytes, from: peer, now: .now)
        while admission == .waiting {
            try await self.wait(for: key.bytes)
            admission = try self.admit(key.bytes, from: peer, now: .now)
        }
        let value: Value?
        do {
            value = try await lookUp()
        } catch {
            // That this request was called off says nothing to those who wait: another of them looks it up.
            if admission == .first { self.fail(key.bytes, peer, Task.isCancelled ? nil : error) }
            throw error
        }
        self.settle(key.bytes, peer, admission, isFound: value != nil, now: .now)
        guard let value else { throw Self.refusal }
        return value
    }

    func admit(_ key: [UInt8], from peer: Peer, now: ContinuousClock.Instant) throws(HTTPProblem) -> Admission {
        enum Verdict {
            case admitted(Admission)
            case refused
            case tooMuch(Duration)
        }
        let verdict = self.state.withLockedValue { state -> Verdict in
            if state.found.contains(key) { return .admitted(.known) }
            if let until = state.refused[key] {
                if now < until { return .refused }
                state.refused[key] = nil
            }
            if state.waiting[key] != nil { return .admitted(.waiting) }
            if case .refused(let wait) = state.peers.admit(peer, now: now) { return .tooMuch(wait) }
            if case .refused(let wait) = state.overall.admit(0, now: now) {
                state.peers.giveBack(peer)
                return .tooMuch(wait)
            }
            state.waiting[key] = []
            return .admitted(.first)
        }
        switch verdict {
        case .admitted(let admission): return admission
        case .refused:
            Self.count("remembered")
            throw Self.refusal
        case .tooMuch(let wait):
            Self.count("too_many")
            throw HTTPProblem(
                .rateLimited, "Too many keys that are not known came. Wait as long as Retry-After says.",
                retryAfter: wait)
        }
    }

    /// Until the first look-up of the key is done. Throws what it threw.
    private func wait(for key: [UInt8]) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isOver = self.state.withLockedValue { state in
                guard state.waiting[key] != nil else { return true }
                state.waiting[key]?.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func settle(
        _ key: [UInt8], _ peer: Peer, _ admission: Admission, isFound: Bool, now: ContinuousClock.Instant
    ) {
        let waiting = self.state.withLockedValue { state in
            if isFound {
                state.refused[key] = nil
                if state.found.count >= self.limits.capacity { _ = state.found.popFirst() }
                state.found.insert(key)
                if admission == .first { Self.giveBack(&state, peer) }
            } else {
                state.found.remove(key)
                if state.refused.count >= self.limits.capacity { _ = state.refused.popFirst() }
                state.refused[key] = now + self.limits.memory
            }
            return admission == .first ? state.waiting.removeValue(forKey: key) : nil
        }
        for continuation in waiting ?? [] { continuation.resume() }
        if !isFound { Self.count("looked_up") }
    }

    private func fail(_ key: [UInt8], _ peer: Peer, _ error: (any Error)?) {
        let waiting = self.state.withLockedValue { state in
            Self.giveBack(&state, peer)
            return state.waiting.removeValue(forKey: key)
        }
        for continuation in waiting ?? [] {
            if let error { continuation.resume(throwing: error) } else { continuation.resume() }
        }
    }

    private static func giveBack(_ state: inout State, _ peer: Peer) {
        state.peers.giveBack(peer)
        state.overall.giveBack(0)
    }

    private static func count(_ result: String) {
        Counter(label: "http_unknown_keys", dimensions: [("result", result)]).increment()
    }

    private static let refusal = HTTPProblem.unauthenticated("This key is not known or was revoked.")
}
