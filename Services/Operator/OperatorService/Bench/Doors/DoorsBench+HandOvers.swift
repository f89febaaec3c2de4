import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient

extension DoorsBench {
    /// Agencies among which the hand-overs of a door go round.
    private static let takers = 10

    /// From the commit to the lease, by long poll.
    func handOversByHTTP() async throws -> DoorsBenchReport.HandOvers {
        let agencies = try await self.agencies("http", Self.takers)
        return try await self.measure(agencies) { agency, times in
            let client = try self.client(of: agency)
            while !Task.isCancelled {
                for lease in try await client.lease(max: 10, wait: .seconds(20), lease: .seconds(600)) {
                    times.leased(lease.referral.number)
                }
            }
        }
    }

    /// The same by logins of the agencies' own, which listen for their bell and ask once a second whatever they hear.
    func handOversBySQL() async throws -> DoorsBenchReport.HandOvers {
        let agencies = try await self.agencies("sql", Self.takers)
        for agency in agencies {
            let made = try await PartnerLogins().create(
                PartnerLogins.name(for: agency.code), for: agency.code,
                verifier: SCRAMVerifier(password: SCRAMVerifier.randomPassword()), on: self.pool)
            guard made == .done else {
                throw CommandFailure(.internalError, "the login of \(agency.code) was not made: \(made.rawValue)")
            }
        }
        // The gateway looks every few seconds who has a login.
        try await Task.sleep(for: .seconds(6))
        let result = try await self.measure(agencies) { agency, times in
            try await DoorsBenchLogin(agency, beside: self.database).take { times.leased($0) }
        }
        for agency in agencies { _ = try await PartnerLogins().close(agency.code, on: self.pool) }
        return result
    }

    /// Offers at the fixed rate, whatever is taken, while each agency takes what it is offered.
    private func measure(
        _ agencies: [DoorsBenchAgency],
        taking take: @escaping @Sendable (DoorsBenchAgency, DoorTimes) async throws -> Void
    ) async throws -> DoorsBenchReport.HandOvers {
        let times = DoorTimes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for agency in agencies { group.addTask { try await take(agency, times) } }
            try await Task.sleep(for: .seconds(1))
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { offers in
                for index in 0..<self.options.handOvers {
                    try await Task.sleep(until: start + .seconds(Double(index) / self.options.rate))
                    let agency = agencies[index % agencies.count]
                    offers.addTask {
                        let numbers = try await self.offer(1, to: agency)
                        let now = ContinuousClock.now
                        for number in numbers { times.committed(number, at: now) }
                    }
                }
                try await offers.waitForAll()
            }
            let deadline = ContinuousClock.now + .seconds(30)
            while times.leasedCount < self.options.handOvers, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            group.cancelAll()
            // Whoever was taking is stopped in the middle of it.
            do { try await group.waitForAll() } catch is CancellationError {} catch is AgencyError {
            } catch is PostgresError {}
        }
        let (found, lost) = times.result()
        return DoorsBenchReport.HandOvers(milliseconds: Percentiles(found), lost: lost)
    }

    /// How many hand-overs a second HTTP leases when there are enough, packages included.
    func leases() async throws -> DoorsBenchReport.Leases? {
        guard self.options.leases > 0 else { return nil }
        let agencies = try await self.agencies("lease", min(100, self.options.leases))
        let each = self.options.leases / agencies.count
        for agency in agencies { try await self.offer(each, to: agency) }
        let began = ContinuousClock.now
        // Two requests of an agency at a time, of sixteen agencies.
        let lanes = 16
        let taken = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<(2 * lanes) {
                group.addTask {
                    var taken = 0
                    for agency in stride(from: lane % lanes, to: agencies.count, by: lanes).map({ agencies[$0] }) {
                        let client = try self.client(of: agency)
                        while true {
                            let count = try await client.lease(max: 20, wait: .zero, lease: .seconds(900)).count
                            if count == 0 { break }
                            taken += count
                        }
                    }
                    return taken
                }
            }
            return try await group.reduce(0, +)
        }
        return DoorsBenchReport.Leases(
            count: taken, perSecond: Double(taken) / ((ContinuousClock.now - began) / .seconds(1)),
            lost: each * agencies.count - taken)
    }
}
