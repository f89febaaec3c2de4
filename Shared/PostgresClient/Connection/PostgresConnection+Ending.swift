import CLibPQ
import NIOConcurrencyHelpers

/// How an operation ends, how a cancelled one is kept from hurting the next, and how the connection ends.
extension PostgresConnection {
    /// The active operation's results are all in.
    func finish() {
        guard let active else { return }
        self.active = nil
        self.isOutsideTransaction = PQtransactionStatus(self.database) == PQTRANS_IDLE
        var error = active.error
        if self.notices.takeUnconfirmedCommit(), error == nil {
            error = PostgresError(
                .commitOutcomeUnknown, statement: active.operation.name,
                detail: "synchronous replication did not confirm it")
        }
        if active.operation.cancellation?.end() == true {
            if self.wasCancelSent {
                self.wasCancelSent = false
                if error?.code != .cancelled { self.absorbCancel() }
            } else {
                self.isAwaitingCancel = true
            }
        }
        active.operation.completion?.resume(error.map { .failure($0) } ?? .success(active.rows))
        self.startNext()
    }

    /// The server has been told to cancel, before or after the statement's results came in.
    func cancelWasSent() {
        guard self.isOpen else { return }
        guard self.isAwaitingCancel else {
            self.wasCancelSent = true
            return
        }
        self.isAwaitingCancel = false
        self.absorbCancel()
        self.startNext()
    }

    /// The signal may arrive late: an empty statement takes it in the next caller's stead.
    private func absorbCancel() {
        self.queue.insert(
            Operation(kind: .command("SELECT 1"), name: "absorb_cancel", cancellation: nil, completion: nil), at: 0)
    }

    /// The link broke.
    func lost() {
        self.fail(with: PostgresError(.connectionLost))
    }

    /// Closes the connection and fails everything that waits for it.
    func fail(with error: PostgresError) {
        guard self.isOpen else { return }
        let active = self.active
        let queue = self.queue
        self.active = nil
        self.queue = []
        self.closeNow()
        if let active {
            _ = active.operation.cancellation?.end()
            // A last word of the server says more than the broken link after it.
            var reason = active.error ?? error
            reason.statement = active.error?.statement ?? active.operation.name
            if active.error == nil { reason.leavesOutcomeOpen = true }
            active.operation.completion?.resume(.failure(reason))
        }
        // These were never sent.
        for operation in queue { operation.refuse(error.code == .shutdown ? .shutdown : .connectionLost) }
    }

    func closeNow() {
        self.openness.withLockedValue { $0 = false }
        if self.socket >= 0 { EpollReactor.shared.unwatch(self.socket) }
        self.socket = -1
        PQfinish(self.database)
        self.database = nil
        self.onNotification = nil
        self.onClose?()
        self.onClose = nil
    }
}
