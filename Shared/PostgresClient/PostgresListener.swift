public import Logging
import NIOConcurrencyHelpers
public import ServiceLifecycle

/// What a subscriber of a channel is told.
public enum PostgresListenerEvent: Sendable, Equatable {
    /// Somebody called NOTIFY.
    case notification(payload: String)
    /// The link was made or made anew: notifications before this moment may be lost. Look for yourself.
    case mayHaveMissed
}

/// One connection of the process that listens, for all who wait on channels.
///
/// It survives a server's restart: it connects anew with backoff, listens on every channel again and then tells each
/// subscriber that something may have been missed. A link that is silently dead is found by asking it.
public final class PostgresListener: Service {
    private struct State {
        var subscribers: [String: [Int: AsyncStream<PostgresListenerEvent>.Continuation]] = [:]
        var nextID = 0
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// Wakes the loop: a channel has its first subscriber.
    private let (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let keepalive: Duration

    /// - Parameter keepalive: how often a quiet link is asked whether it lives.
    public init(_ configuration: PostgresConfiguration, logger: Logger, keepalive: Duration = .seconds(10)) {
        var configuration = configuration
        configuration.applicationName += "-listener"
        self.configuration = configuration
        self.logger = logger
        self.keepalive = keepalive
    }

    /// The events of a channel, from now until the stream is dropped. May be called before `run`. A slow subscriber keeps
    /// the newest 64 events.
    public func subscribe(_ channel: String) -> AsyncStream<PostgresListenerEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresListenerEvent.self, bufferingPolicy: .bufferingNewest(64))
        let id = self.state.withLockedValue { state in
            state.nextID += 1
            state.subscribers[channel, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLockedValue { _ = $0.subscribers[channel]?.removeValue(forKey: id) }
        }
        self.waker.yield()
        return stream
    }

    /// Listens until graceful shutdown or cancellation; then every stream ends.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var delay = Duration.milliseconds(100)
            while !Task.isCancelled {
                do {
                    let connection = try await PostgresConnection.connect(self.configuration)
                    delay = .milliseconds(100)
                    do {
                        try await self.listen(on: connection)
                    } catch {
                        await connection.close()
                        throw error
                    }
                    await connection.close()
                } catch {
                    if Task.isCancelled { break }
                    self.logger.warning("Listening connection lost", metadata: ["error": "\(error)"])
                }
                let jitter = Double.random(in: 0.5...1)
                try? await Task.sleep(for: delay * jitter)  // Cancelled: the loop's condition ends it.
                delay = min(delay * 2, .seconds(5))
            }
        }
        let streams = self.state.withLockedValue { state in
            defer { state.subscribers = [:] }
            return state.subscribers.values.flatMap(\.values)
        }
        for stream in streams { stream.finish() }
    }

    /// Listens on every subscribed channel until the link breaks.
    private func listen(on connection: PostgresConnection) async throws {
        await connection.observe { [weak self] channel, payload in
            self?.deliver(.notification(payload: payload), to: channel)
        } onClose: { [weak self] in
            self?.waker.yield()
        }
        var listening: Set<String> = []
        self.waker.yield()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while connection.isOpen {
                    try await Task.sleep(for: self.keepalive)
                    do {
                        try await withTimeout(.seconds(5)) {
                            _ = try await connection.perform(.command("SELECT 1"), name: "listener_keepalive")
                        }
                    } catch {
                        await connection.close()  // Which wakes the loop below.
                    }
                }
            }
            defer { group.cancelAll() }
            for await _ in self.wakes {
                guard connection.isOpen else { throw PostgresError(.connectionLost) }
                let wanted = self.state.withLockedValue { Set($0.subscribers.keys) }
                for channel in wanted.subtracting(listening).sorted() {
                    let quoted = "\"" + channel.replacing("\"", with: "\"\"") + "\""
                    _ = try await connection.perform(.command("LISTEN " + quoted), name: "listen")
                    listening.insert(channel)
                    self.deliver(.mayHaveMissed, to: channel)
                }
            }
        }
    }

    private func deliver(_ event: PostgresListenerEvent, to channel: String) {
        let streams = self.state.withLockedValue { Array(($0.subscribers[channel] ?? [:]).values) }
        for stream in streams { stream.yield(event) }
    }
}

/// Runs `body`, cancelling it when it takes longer.
private func withTimeout<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw PostgresError(.connectionLost, detail: "no answer in time")
        }
        return value
    }
}
