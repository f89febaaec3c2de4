/// What happened during a run, from all its tasks.
actor BenchRecorder {
    struct Request: Sendable {
        let number: String
        /// When it was to be sent: a request that had to wait for its turn has waited.
        let planned: ContinuousClock.Instant
        let answered: ContinuousClock.Instant
        let isMeasured: Bool
    }

    private(set) var requests: [Request] = []
    private(set) var refused: [String: Int] = [:]
    /// When each referral was leased first.
    private(set) var leased: [String: ContinuousClock.Instant] = [:]
    private(set) var deliveries = 0
    private(set) var accepted: Set<String> = []
    private(set) var unanswered: [String: Int] = [:]

    func answered(_ request: Request) {
        self.requests.append(request)
    }

    func refused(_ reason: String) {
        self.refused[reason, default: 0] += 1
    }

    func leased(_ referrals: [String], at instant: ContinuousClock.Instant) {
        self.deliveries += referrals.count
        for referral in referrals where self.leased[referral] == nil { self.leased[referral] = instant }
    }

    func accepted(_ referral: String) {
        self.accepted.insert(referral)
    }

    func failed(_ reason: String) {
        self.unanswered[reason, default: 0] += 1
    }

    /// Whether nothing is under way any more.
    var isDone: Bool { self.accepted.count >= self.requests.count }
}
