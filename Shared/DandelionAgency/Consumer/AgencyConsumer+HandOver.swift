import FoundationEssentials

extension AgencyConsumer {
    /// One hand-over from its package to the end of the work on it. Every failure ends here, as an event.
    func handle(_ lease: AgencyLease) async {
        let number = lease.referral.number
        do {
            let (handOver, decision) = try await self.openAndDecide(lease)
            try await self.answer(handOver, decision)
            self.onEvent(.answered(referral: number, decision: decision))
            guard decision == .accept else { return }
            try await self.handler.work(
                on: handOver, reporting: ReferralReporter(number: number, client: self.client))
            self.onEvent(.worked(referral: number))
        } catch {
            self.onEvent(.failed(referral: number, error: error))
        }
    }

    /// What could not be opened or decided goes back, to be delivered again.
    private func openAndDecide(_ lease: AgencyLease) async throws -> (HandOver, AgencyDecision) {
        do {
            let package = try AgencyPackage.open(lease.package, privateKey: self.privateKey)
            guard (package.referralNumber ?? lease.referral.number) == lease.referral.number else {
                throw AgencyError(code: .unreadablePackage, detail: "the package is another referral's")
            }
            let handOver = HandOver(lease: lease, package: package)
            return (handOver, try await self.decide(on: handOver))
        } catch let error as AgencyError where error.code == .leaseLost || error.code == .notFound {
            throw error  // Somebody else's by now: there is nothing to give back.
        } catch {
            try await self.client.handBack(
                lease.lease, delay: error is CancellationError ? .zero : self.configuration.handBackDelay)
            throw error
        }
    }

    /// The handler's decision, under a lease that is kept alive.
    private func decide(on handOver: HandOver) async throws -> AgencyDecision {
        try await withThrowingTaskGroup(of: AgencyDecision?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.handler.decide(on: handOver) }
            group.addTask {
                try await self.renew(handOver.lease)
                return nil
            }
            while let result = try await group.next() {
                if let decision = result { return decision }
            }
            throw CancellationError()
        }
    }

    /// Extends the lease each time half of it has passed. Throws when it is lost; other failures are tried again.
    private func renew(_ lease: AgencyLease) async throws {
        while true {
            try await Task.sleep(for: self.configuration.lease / 2)
            do {
                try await self.client.extend(lease.lease, by: self.configuration.lease)
            } catch let error as AgencyError where error.code != .leaseLost && error.code != .notFound {
                // The next half may go better; if it does not, the answer finds the lease lost.
                self.onEvent(.failed(referral: lease.referral.number, error: error))
            }
        }
    }

    private func answer(_ handOver: HandOver, _ decision: AgencyDecision) async throws {
        let lease = handOver.lease.lease
        switch decision {
        case .accept: try await self.client.accept(lease)
        case .reject(let reason, let suggested):
            try await self.client.reject(lease, reason: reason, suggestedAgencyKind: suggested)
        case .object(let reason): try await self.client.object(lease, reason: reason)
        case .handBack(let delay): try await self.client.handBack(lease, delay: delay)
        case .leave: return
        }
    }
}
