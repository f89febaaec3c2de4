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
        /// The channels that the server sends us now.
        var listening: Set<String> = []
        var nextID = 0
        var isOver = false

        mutating func remove(_ id: Int, of channel: String) {
            self.subscribers[channel]?[id] = nil
            if self.subscribers[channel]?.isEmpty == true { self.subscribers[channel] = nil }
        }
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// Wakes the loop: the channels to listen on have changed, or the link is gone.
    private let (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let keepalive: Duration

    /// - Parameter keepalive: how often a quiet link is asked whether it lives.
    public init(_ configuration: PostgresConfiguration, logger: Logger, keepalive: Duration = .seconds(30)) {
        var configuration = configuration
        configuration.applicationName += "-listener"
        self.configuration = configuration
        self.logger = logger
        self.keepalive = keepalive
    }

    /// The events of a channel, until the stream is dropped or the listener has ended. May be called before `run`. The
    /// first event is `mayHaveMissed`, when listening has begun. A slow subscriber keeps the newest 64 events.
    ///
    /// - Parameter channel: a name of ours, of 1 to 63 bytes: the server would cut a longer one without a word.
    public func subscribe(_ channel: String) -> AsyncStream<PostgresListenerEvent> {
        precondition((1...63).contains(channel.utf8.count), "a channel's name has 1 to 63 bytes")
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresListenerEvent.self, bufferingPolicy: .bufferingNewest(64))
        let id = self.state.withLockedValue { state -> Int? in
            guard !state.isOver else { return nil }
            state.nextID += 1
            state.subscribers[channel, default: [:]][state.nextID] = continuation
            if state.listening.contains(channel) { continuation.yield(.mayHaveMissed) }
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLockedValue { $0.remove(id, of: channel) }
            self?.waker.yield()
        }
        self.waker.yield()
        return stream
    }

    /// Listens until graceful shutdown or cancellation; then every stream ends. To be called once.
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
            state.isOver = true
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
        self.waker.yield()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                repeat {
                    try await Task.sleep(for: self.keepalive)
                } while await connection.isAlive(within: min(.seconds(5), self.keepalive))
            }
            defer {
                group.cancelAll()
                self.state.withLockedValue { $0.listening = [] }
            }
            for await _ in self.wakes {
                guard connection.isOpen else { throw PostgresError(.connectionLost) }
                try await self.adjust(connection)
            }
        }
    }

    /// Listens on the channels that have subscribers, and no longer on those that have none.
    private func adjust(_ connection: PostgresConnection) async throws(PostgresError) {
        let (superfluous, missing) = self.state.withLockedValue { state in
            let wanted = Set(state.subscribers.keys)
            let superfluous = state.listening.subtracting(wanted)
            // From here on a new subscriber counts as one who waits for LISTEN.
            state.listening.subtract(superfluous)
            return (superfluous.sorted(), wanted.subtracting(state.listening).sorted())
        }
        for channel in superfluous {
            _ = try await connection.perform(.command("UNLISTEN " + Self.quoted(channel)), name: "unlisten")
        }
        for channel in missing {
            _ = try await connection.perform(.command("LISTEN " + Self.quoted(channel)), name: "listen")
            self.state.withLockedValue { state in
                state.listening.insert(channel)
                for stream in (state.subscribers[channel] ?? [:]).values { stream.yield(.mayHaveMissed) }
            }
        }
    }

    private static func quoted(_ channel: String) -> String {
        "\"" + channel.replacing("\"", with: "\"\"") + "\""
    }

    private func deliver(_ event: PostgresListenerEvent, to channel: String) {
        let streams = self.state.withLockedValue { Array(($0.subscribers[channel] ?? [:]).values) }
        for stream in streams { stream.yield(event) }
    }
}
