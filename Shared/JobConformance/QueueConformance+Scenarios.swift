extension QueueConformance {
    static let scenarios: [(name: String, run: @Sendable (Bench) async throws -> Void)] = [
        ("what is enqueued is claimed, once, as it was", Self.claimedOnce),
        ("what was undone was not enqueued", Self.undone),
        ("many at once are all there", Self.many),
        ("an outcome ends the lease: every door is shut to its token", Self.shut),
        ("a token that was made up opens nothing", Self.forged),
        ("a lease that ran out can complete nothing", Self.expired),
        ("a completion that was undone leaves the lease", Self.completionUndone),
        ("a failure counts; the last one makes a dead letter", Self.failures),
        ("a snooze counts no attempt", Self.snoozed),
        ("what is for later is not for now", Self.later),
        ("priority 0 goes first, then the smaller number", Self.priorities),
        ("a unique key gives the job that has it, until that ends", Self.unique),
        ("a waiting job is cancelled, a running one asked to end", Self.cancelled),
        ("what is out of range is refused", Self.outOfRange),
    ]

    @Sendable private static func claimedOnce(_ bench: Bench) async throws {
        let made = try await bench.enqueue(#"{"id": 7, "text": "妇联 \"quoted\"", "list": [1, null, true]}"#)
        try bench.expect(made.isNew == true && made.alias != nil, "enqueue tells no new alias")
        let job = try await bench.claimOne()
        try bench.expect(job.alias == made.alias, "the alias is another")
        try bench.expect(job.kind == "conformance" && job.attempt == 1, "kind or attempt is another")
        for part in ["7", "妇联", "quoted", "null"] {
            try bench.expect(job.args.contains(part), "the arguments lack \(part)")
        }
        try bench.expect(try await bench.claim().isEmpty, "it was claimed twice")
        try bench.expect(try await bench.settle(job, .complete).refused == nil, "complete was refused")
        try bench.expect(try await bench.claim().isEmpty, "it came back after its completion")
    }

    @Sendable private static func undone(_ bench: Bench) async throws {
        _ = try await bench.enqueue { $0.call = .enqueueUndone }
        try bench.expect(try await bench.claim().isEmpty, "a job without its transaction")
    }

    @Sendable private static func many(_ bench: Bench) async throws {
        let list = (1...120).map { #"{"n": \#($0)}"# }.joined(separator: ",")
        _ = try await bench.enqueue("[\(list)]") { $0.call = .enqueueMany }
        let jobs = try await bench.claim(limit: 200)
        try bench.expect(Set(jobs.map(\.id)).count == 120 && Set(jobs.map(\.args)).count == 120, "\(jobs.count) of 120")
        try bench.expect(Set(jobs.map(\.alias)).count == 120, "aliases repeat")
    }

    private static let outcomes: [ConformanceCall.Name] = [.complete, .fail, .discard, .snooze, .extend]

    @Sendable private static func shut(_ bench: Bench) async throws {
        for outcome in Self.outcomes where outcome != .extend {
            _ = try await bench.enqueue()
            let job = try await bench.claimOne()
            try bench.expect(try await bench.settle(job, outcome).refused == nil, "\(outcome) was refused")
            for door in Self.outcomes {
                let refused = try await bench.settle(job, door).refused
                try bench.expect(refused == "DQ001", "\(door) after \(outcome): \(refused ?? "let in")")
            }
            for left in try await bench.claim() { _ = try await bench.settle(left, .discard) }
        }
    }

    @Sendable private static func forged(_ bench: Bench) async throws {
        _ = try await bench.enqueue()
        let job = try await bench.claimOne()
        for forged in [
            { (job: inout ConformanceAnswer.Job) in job.number += 1 }, { $0.number -= 1 }, { $0.epoch += 1 },
            { $0.epoch -= 1 },
        ] {
            var other = job
            forged(&other)
            for door in Self.outcomes {
                let refused = try await bench.settle(other, door).refused
                try bench.expect(refused == "DQ001", "\(door): \(refused ?? "let in")")
            }
        }
        try bench.expect(try await bench.settle(job, .complete).refused == nil, "the true token was refused")
    }

    @Sendable private static func expired(_ bench: Bench) async throws {
        _ = try await bench.enqueue()
        let job = try await bench.claimOne(seconds: 0.05)
        // The time of the lease, on the server's clock.
        try await Task.sleep(for: .milliseconds(200))
        for door in Self.outcomes {
            let refused = try await bench.settle(job, door).refused
            try bench.expect(refused == "DQ001", "\(door): \(refused ?? "let in")")
        }
    }

    @Sendable private static func completionUndone(_ bench: Bench) async throws {
        _ = try await bench.enqueue()
        let job = try await bench.claimOne()
        _ = try await bench.settle(job, .completeUndone)
        try bench.expect(try await bench.settle(job, .extend).refused == nil, "the lease is gone")
        try bench.expect(try await bench.settle(job, .complete).refused == nil, "it cannot be completed any more")
    }

    @Sendable private static func failures(_ bench: Bench) async throws {
        _ = try await bench.enqueue { $0.maxAttempts = 2 }
        let first = try await bench.claimOne()
        try bench.expect(try await bench.settle(first, .fail).state == "retryable", "the first failure was the last")
        let second = try await bench.claimOne()
        try bench.expect(second.attempt == 2, "the attempt is \(second.attempt)")
        try bench.expect(second.number > first.number || second.epoch > first.epoch, "the token has not grown")
        try bench.expect(try await bench.settle(second, .fail).state == "discarded", "no dead letter")
        try bench.expect(try await bench.claim().isEmpty, "a dead letter came back")
    }

    @Sendable private static func snoozed(_ bench: Bench) async throws {
        _ = try await bench.enqueue { $0.maxAttempts = 1 }
        for _ in 1...3 {
            let job = try await bench.claimOne()
            try bench.expect(job.attempt == 1, "the attempt is \(job.attempt)")
            try bench.expect(try await bench.settle(job, .snooze).refused == nil, "snooze was refused")
        }
        let job = try await bench.claimOne()
        _ = try await bench.settle(job, .snooze) { $0.delaySeconds = 3600 }
        try bench.expect(try await bench.claim().isEmpty, "it came before its time")
    }

    @Sendable private static func later(_ bench: Bench) async throws {
        let made = try await bench.enqueue { $0.delaySeconds = 3600 }
        try bench.expect(try await bench.claim().isEmpty, "it came before its time")
        try bench.expect(try await bench.cancel(made.alias).state == "cancelled", "it cannot be cancelled")
    }

    @Sendable private static func priorities(_ bench: Bench) async throws {
        for priority in [9, 5, 0] {
            _ = try await bench.enqueue(#"{"n": \#(priority)}"#) { $0.priority = priority }
        }
        for priority in [0, 5, 9] {
            let job = try await bench.claimOne()
            try bench.expect(job.args.contains("\(priority)"), "\(job.args) came where \(priority) was due")
        }
    }

    @Sendable private static func unique(_ bench: Bench) async throws {
        let key = bench.queue
        let first = try await bench.enqueue { $0.uniqueKey = key }
        let second = try await bench.enqueue { $0.uniqueKey = key }
        try bench.expect(second.isNew == false && second.alias == first.alias, "a second job has the key")
        let job = try await bench.claimOne()
        try bench.expect(try await bench.enqueue { $0.uniqueKey = key }.isNew == false, "the running job lost its key")
        _ = try await bench.settle(job, .complete)
        try bench.expect(try await bench.enqueue { $0.uniqueKey = key }.isNew == true, "the key is still held")
    }

    @Sendable private static func cancelled(_ bench: Bench) async throws {
        let waiting = try await bench.enqueue()
        try bench.expect(try await bench.cancel(waiting.alias).state == "cancelled", "a waiting job is not cancelled")
        try bench.expect(try await bench.cancel(waiting.alias).refused == "DQ002", "it was cancelled twice")
        let running = try await bench.enqueue()
        let job = try await bench.claimOne()
        try bench.expect(try await bench.cancel(running.alias).state == "requested", "a running job is not asked")
        try bench.expect(try await bench.settle(job, .fail).state == "cancelled", "it was tried again")
    }

    @Sendable private static func outOfRange(_ bench: Bench) async throws {
        let wrongs: [(inout ConformanceCall) -> Void] = [
            { $0.queue = "" }, { $0.kind = "" }, { $0.priority = 10 }, { $0.priority = -1 }, { $0.maxAttempts = 0 },
        ]
        for wrong in wrongs {
            let refused = try await bench.enqueue("{}", wrong).refused
            try bench.expect(refused == "DQ004", "\(refused ?? "let in")")
        }
    }
}
