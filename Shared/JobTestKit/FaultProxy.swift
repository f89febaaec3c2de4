import Glibc
import NIOConcurrencyHelpers
import PostgresClient

/// A TCP port between clients and a PostgreSQL server that harms their links: at a chosen moment, or from now until told
/// otherwise.
///
/// ```swift
/// try await FaultProxy.with(.none, dsn: dsn) { proxy in
///     var configuration = configuration
///     configuration.dsn += " \(proxy.detour)"   // libpq takes the last word for a keyword
///     // … a worker runs …
///     proxy.set(.halfOpen)                      // nothing passes any more, and nobody is told
///     // … what has to happen then …
///     proxy.set(.none)
/// }
/// ```
///
/// Links are not encrypted: the proxy looks for text in what clients send. Each link has a thread of its own.
public final class FaultProxy: Sendable {
    /// What it does to the links.
    public enum Fault: Sendable {
        case none

        // From now on, for every link:

        /// Nothing passes, in either direction, and nobody is told: what a router leaves behind that has forgotten a link. What
        /// was sent meanwhile arrives when the fault is taken away.
        case halfOpen
        /// What is sent arrives so much later, in each direction.
        case delay(Duration)
        /// The client reads at most so many bytes a second: the server's answers pile up until it waits with them.
        case slowRead(bytesPerSecond: Int)
        /// Links are cut, and new ones as soon as they are made.
        case cutAll

        // At a moment:

        /// Cuts the link when the client sends this text, which the server never sees.
        case cut(before: String)
        /// Passes this text on and cuts the link when the server answers it; the answer is lost.
        case loseAnswer(to: String)
        /// From this text on nothing passes on that link, in either direction, until the proxy ends.
        case freeze(at: String)
        /// Keeps cancel requests back until `releaseCancels`.
        case holdCancels
        /// Harms the link at each so-manieth time that a client sends this text: by turns `cut(before:)` and
        /// `loseAnswer(to:)`.
        case harm(at: String, every: Int)
    }

    /// There is no socket to be had, or the DSN names no host and port.
    public struct NoSocket: Error {}

    /// How often `harm(at:every:)` has struck.
    public struct Harm: Sendable, Equatable {
        public var cut = 0
        public var answersLost = 0
    }

    /// Where clients connect, on 127.0.0.1.
    public let port: UInt16
    let state: NIOLockedValueBox<(fault: Fault, count: Int, harm: Harm)>
    let server: (host: String, port: String)
    let listener: Int32
    /// Everything ends when its write end is closed.
    let stop: (read: Int32, write: Int32)
    /// Cancel requests pass once there is something to read.
    let gate: (read: Int32, write: Int32)

    private init(_ fault: Fault, dsn: String) throws {
        func keyword(_ name: String) throws -> String {
            for part in dsn.split(separator: " ").reversed() where part.hasPrefix("\(name)=") {
                return String(part.dropFirst(name.count + 1))
            }
            throw NoSocket()
        }
        self.state = NIOLockedValueBox((fault, 0, Harm()))
        self.server = (try keyword("host"), try keyword("port"))
        (self.listener, self.port) = try Self.listen()
        var ends: [Int32] = [0, 0, 0, 0]
        guard pipe(&ends) == 0, pipe(&ends[2]) == 0 else { throw NoSocket() }
        self.stop = (ends[0], ends[1])
        self.gate = (ends[2], ends[3])
    }

    deinit {
        for descriptor in [self.stop.read, self.gate.read, self.gate.write] { close(descriptor) }
    }

    /// Harms the links of the body, and ends with it.
    /// - Parameter dsn: of the server, in keywords: `host` is the directory of its socket, or a name or address, and `port`.
    public static func with<Value>(
        _ fault: Fault, dsn: String, _ body: (FaultProxy) async throws -> Value
    ) async throws -> Value {
        let proxy = try FaultProxy(fault, dsn: dsn)
        BlockingThread.start { proxy.accept() }
        // The threads hold the proxy and close what they use.
        defer { close(proxy.stop.write) }
        return try await body(proxy)
    }

    /// What leads a DSN of the server through this proxy when it is appended to it.
    public var detour: String { "host=127.0.0.1 port=\(self.port) sslmode=disable gssencmode=disable" }

    /// Harms all links in this way from now on, those that there are and new ones.
    public func set(_ fault: Fault) {
        self.state.withLockedValue { $0.fault = fault }
    }

    /// Lets the cancel requests pass that `holdCancels` keeps.
    public func releaseCancels() {
        Self.send([1], self.gate.write)
    }

    public var harm: Harm { self.state.withLockedValue { $0.harm } }

    var fault: Fault { self.state.withLockedValue { $0.fault } }

    /// What to do with these bytes of a client: the fault itself, or what its turn is.
    func fault(for bytes: [UInt8]) -> Fault {
        self.state.withLockedValue { state in
            guard case .harm(let text, let every) = state.fault, Self.contains(bytes, text) else { return state.fault }
            state.count += 1
            guard state.count.isMultiple(of: every) else { return .none }
            if (state.count / every).isMultiple(of: 2) {
                state.harm.answersLost += 1
                return .loseAnswer(to: text)
            }
            state.harm.cut += 1
            return .cut(before: text)
        }
    }
}
