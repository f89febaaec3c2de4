/// What an assignment needs.
public struct AssignmentWish: Hashable, Sendable {
    public var role: StaffRole
    /// The case's division and those around it, nearest first.
    public var path: [DivisionCode]
    /// Trainings that must count on the day.
    public var trainings: Set<String>
    /// Everybody who is a party to the case.
    public var parties: Set<PartyToken>
    /// How many persons, such as two lawyers.
    public var count: Int

    public init(
        role: StaffRole, path: [DivisionCode], trainings: Set<String> = [], parties: Set<PartyToken> = [],
        count: Int = 1
    ) {
        self.role = role
        self.path = path
        self.trainings = trainings
        self.parties = parties
        self.count = count
    }
}

/// Who is assigned, and why others are not.
public struct Assignment: Hashable, Sendable {
    public enum Obstacle: String, Sendable, Codable, CaseIterable {
        case noTraining = "no_training"
        case trainingExpired = "training_expired"
        /// Related to a party.
        case conflictOfInterest = "conflict_of_interest"
        case noRoom = "no_room"
    }

    public let chosen: [StaffID]
    /// Those of the role and place who were passed over.
    public let passedOver: [StaffID: Obstacle]
    /// How many are still missing: the supervisor is told, the case is not left.
    public let missing: Int
}

/// Everybody who works on cases.
public struct StaffRoster: Sendable {
    private let byDivision: [DivisionCode: [StaffMember]]
    private let byID: [StaffID: StaffMember]

    public init(_ members: some Sequence<StaffMember>) {
        var byDivision: [DivisionCode: [StaffMember]] = [:]
        var byID: [StaffID: StaffMember] = [:]
        for member in members {
            byID[member.id] = member
            for division in member.divisions { byDivision[division, default: []].append(member) }
        }
        self.byDivision = byDivision
        self.byID = byID
    }

    public subscript(id: StaffID) -> StaffMember? { self.byID[id] }

    /// Whether somebody may work on, or read, a case: nobody related to a party may (S20), and informants never.
    public func mayServe(_ id: StaffID, caseAt path: [DivisionCode], parties: Set<PartyToken>) -> Bool {
        guard let member = self.byID[id] else { return false }
        return member.roles.contains(where: \.takesCases) && member.relatedTo.isDisjoint(with: parties)
            && member.divisions.contains(where: path.contains)
    }

    /// Chooses the nearest who are trained, unrelated and have room; at one place the least loaded first.
    ///
    /// - Parameters:
    ///   - load: how many cases each has.
    ///   - day: today in Beijing.
    public func assign(_ wish: AssignmentWish, load: [StaffID: Int], on day: LocalDate) -> Assignment {
        var chosen: [StaffID] = []
        var passedOver: [StaffID: Assignment.Obstacle] = [:]
        for division in wish.path where chosen.count < wish.count {
            let here = (self.byDivision[division] ?? []).filter { $0.roles.contains(wish.role) && wish.role.takesCases }
                .sorted { (load[$0.id] ?? 0, $0.id) < (load[$1.id] ?? 0, $1.id) }
            for member in here where chosen.count < wish.count && !chosen.contains(member.id) {
                if let obstacle = Self.obstacle(member, wish, load[member.id] ?? 0, day) {
                    passedOver[member.id] = obstacle
                } else {
                    chosen.append(member.id)
                }
            }
        }
        return Assignment(chosen: chosen, passedOver: passedOver, missing: wish.count - chosen.count)
    }

    private static func obstacle(
        _ member: StaffMember, _ wish: AssignmentWish, _ load: Int, _ day: LocalDate
    ) -> Assignment.Obstacle? {
        if !member.relatedTo.isDisjoint(with: wish.parties) { return .conflictOfInterest }
        for code in wish.trainings.sorted() where !member.isTrained(code, on: day) {
            return member.trainings.contains { $0.code == code } ? .trainingExpired : .noTraining
        }
        return load < member.capacity ? nil : .noRoom
    }
}
