import CLibPQ

/// A libpq object on its way from the thread that started it to the connection that owns it.
final class PendingConnection: @unchecked Sendable {
    // Sendable because exactly one party holds the pointer at a time: the starting thread gives it away by returning,
    // and `take` empties the box.
    private var database: OpaquePointer?

    init(_ database: OpaquePointer?) {
        self.database = database
    }

    func take() -> OpaquePointer? {
        defer { self.database = nil }
        return self.database
    }

    deinit {
        PQfinish(self.database)
    }
}

extension PostgresConnection {
    /// Opens a connection.
    /// - Throws: `PostgresError.connectionFailed` after `connectTimeout` at the latest; `.misuse` for a malformed DSN.
    public static func connect(_ configuration: PostgresConfiguration) async throws(PostgresError) -> PostgresConnection {
        let parameters = try ConnectionParameters(configuration)
        let pending = await BlockingThread.run(name: "postgres-connect") { PendingConnection(parameters.start()) }
        let connection = PostgresConnection(pending, usesPreparedStatements: configuration.preparesStatements)
        let result = await withTaskGroup(of: Result<Void, PostgresError>?.self) { group in
            group.addTask {
                await withTaskCancellationHandler {
                    await connection.waitUntilConnected()
                } onCancel: {
                    EpollReactor.shared.submit { connection.assumeIsolated { $0.abandonConnecting() } }
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: configuration.connectTimeout)
                    return .failure(PostgresError(.connectionFailed, detail: "no answer within the connect timeout"))
                } catch {
                    return nil  // Cancelled: the other child has the answer.
                }
            }
            var first: Result<Void, PostgresError>?
            for await result in group {
                if first == nil { first = result }
                group.cancelAll()
            }
            return first ?? .failure(PostgresError(.cancelled))
        }
        do {
            try result.get()
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    private func waitUntilConnected() async -> Result<Void, PostgresError> {
        await withCheckedContinuation { continuation in
            guard let database = self.database, PQstatus(database) != CONNECTION_BAD else {
                continuation.resume(returning: .failure(self.connectionFailure()))
                return
            }
            self.notices.install(on: database)
            self.whenConnected = continuation
            self.watch(writable: true)
        }
    }

    private func abandonConnecting() {
        guard self.whenConnected != nil else { return }
        self.lost()
    }

    /// The reasons worth telling apart, as constants: libpq's own text may quote host names and users.
    private func connectionFailure() -> PostgresError {
        if PQconnectionNeedsPassword(self.database) == 1 {
            return PostgresError(.connectionFailed, detail: "the server wants a password and none was given")
        }
        if PQconnectionUsedPassword(self.database) == 1 {
            return PostgresError(.connectionFailed, detail: "refused; a password was sent and may be wrong")
        }
        return PostgresError(
            .connectionFailed, detail: "check that the server runs and that host, port, database and role are right")
    }

    /// One step of connecting. `PQconnectPoll` may close the socket and open another with the same number.
    func pollConnecting() {
        EpollReactor.shared.unwatch(self.socket)
        self.socket = -1
        switch PQconnectPoll(self.database) {
        case PGRES_POLLING_OK:
            guard PQsetnonblocking(self.database, 1) == 0 else { return self.lost() }
            self.setCancelHandle()
            self.watch(writable: false)
            self.whenConnected?.resume(returning: .success(()))
            self.whenConnected = nil
        case PGRES_POLLING_READING: self.watch(writable: false)
        case PGRES_POLLING_WRITING: self.watch(writable: true)
        default:
            self.whenConnected?.resume(returning: .failure(self.connectionFailure()))
            self.whenConnected = nil
        }
    }

    private func watch(writable: Bool) {
        self.socket = PQsocket(self.database)
        self.wantsWrite = writable
        EpollReactor.shared.watch(self.socket, writable: writable) { [weak self] readiness in
            self?.assumeIsolated { $0.ready(readiness) }
        }
    }
}
