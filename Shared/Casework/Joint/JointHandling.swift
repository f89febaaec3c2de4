public import FoundationEssentials

/// Who takes part in joint handling 联办: the station that owns the case, or an agency it was referred to.
public enum JointParty: Hashable, Sendable {
    case station(DivisionCode)
    case agency(UUID)
}

/// One thing that somebody of the joint handling has to do. Words about people stay in the case's sealed fields.
public struct JointTask: Hashable, Sendable, Identifiable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// 上门走访
        case visit
        /// 陪同（就医、出庭、报案）
        case accompany
        /// 取证、出具材料
        case document
        /// 评估（伤情、心理、监护）
        case assess
        /// 筹集款物
        case raiseAid = "raise_aid"
        /// 安置
        case place
        /// 协调
        case coordinate
    }

    public enum Status: String, Sendable, Codable, CaseIterable {
        case open
        case done
        /// The conference no longer wants it.
        case dropped
    }

    public let id: UUID
    public let kind: Kind
    public let responsible: JointParty
    public let dueAt: Date
    public internal(set) var status = Status.open
    public internal(set) var settledAt: Date?

    public init(id: UUID, kind: Kind, responsible: JointParty, dueAt: Date) {
        self.id = id
        self.kind = kind
        self.responsible = responsible
        self.dueAt = dueAt
    }

    /// Whether it should be done by now and is not.
    public func isOverdue(at now: Date) -> Bool { self.status == .open && now >= self.dueAt }
}

/// A meeting of those who handle a case together 案件会商.
public struct CaseConference: Hashable, Sendable {
    public let heldAt: Date
    public let present: Set<JointParty>
    /// The tasks it gave.
    public let tasks: [UUID]
    /// Where the minutes are kept sealed.
    public let minutes: UUID
}

/// What can happen in joint handling, in order: its part of the case's one timeline.
public enum JointEntry: Hashable, Sendable {
    case joined(JointParty)
    case left(JointParty)
    case taskGiven(UUID)
    case taskSettled(UUID, JointTask.Status)
    case conferenceHeld(minutes: UUID)
}

/// The joint handling of one case. An agency takes part only while it has a referral of the case: nobody learns of a case
/// by being put on a board.
public struct JointHandling: Hashable, Sendable {
    public let owner: DivisionCode
    public private(set) var parties: Set<JointParty>
    public private(set) var tasks: [JointTask] = []
    public private(set) var conferences: [CaseConference] = []
    public private(set) var timeline: [JointEntry] = []

    public init(owner: DivisionCode) {
        self.owner = owner
        self.parties = [.station(owner)]
    }

    /// An agency joins. Its referral must have been taken on: before that it knows too little, after revocation nothing.
    public mutating func join(_ agency: UUID, with referral: ReferralStatus) throws(JointError) {
        guard referral.isUnderWay || referral == .completed || referral == .closedVerified else { throw .noReferral }
        guard self.parties.insert(.agency(agency)).inserted else { throw .joinedAlready }
        self.timeline.append(.joined(.agency(agency)))
    }

    /// An agency leaves, or its referral was revoked: its open tasks fall to the owner, so that none is left to nobody.
    public mutating func leave(_ agency: UUID) throws(JointError) {
        guard self.parties.remove(.agency(agency)) != nil else { throw .noParty }
        self.tasks = self.tasks.map { task in
            guard task.responsible == .agency(agency), task.status == .open else { return task }
            return JointTask(id: task.id, kind: task.kind, responsible: .station(self.owner), dueAt: task.dueAt)
        }
        self.timeline.append(.left(.agency(agency)))
    }

    /// Gives a task to somebody who takes part.
    public mutating func give(_ task: JointTask) throws(JointError) {
        guard self.parties.contains(task.responsible) else { throw .noParty }
        guard !self.tasks.contains(where: { $0.id == task.id }) else { throw .givenAlready }
        self.tasks.append(task)
        self.timeline.append(.taskGiven(task.id))
    }

    /// Ends a task. Only who is responsible, or the owner, may say so.
    public mutating func settle(
        _ id: UUID, as status: JointTask.Status, by party: JointParty, at now: Date
    ) throws(JointError) {
        guard let index = self.tasks.firstIndex(where: { $0.id == id }), status != .open else { throw .noTask }
        guard self.tasks[index].status == .open else { throw .settledAlready }
        let isOwner = party == .station(self.owner)
        guard isOwner || (party == self.tasks[index].responsible && status == .done) else { throw .notYours }
        self.tasks[index].status = status
        self.tasks[index].settledAt = now
        self.timeline.append(.taskSettled(id, status))
    }

    /// Records a conference with its minutes and the tasks it gave: all of it or nothing.
    public mutating func hold(
        at now: Date, present: Set<JointParty>, giving tasks: [JointTask], minutes: UUID
    ) throws(JointError) {
        guard present.isSubset(of: self.parties), present.contains(.station(self.owner)) else { throw .noParty }
        var after = self
        for task in tasks { try after.give(task) }
        after.conferences.append(
            CaseConference(heldAt: now, present: present, tasks: tasks.map(\.id), minutes: minutes))
        after.timeline.append(.conferenceHeld(minutes: minutes))
        self = after
    }

    /// What the next conference talks about: every open task, the longest overdue first.
    public var agenda: [JointTask] {
        self.tasks.filter { $0.status == .open }.sorted { ($0.dueAt, $0.id.uuidString) < ($1.dueAt, $1.id.uuidString) }
    }
}

/// Why something does not happen in joint handling.
public enum JointError: String, Error, Hashable, Sendable, CaseIterable {
    case noReferral = "no_referral"
    case joinedAlready = "joined_already"
    case noParty = "no_party"
    case givenAlready = "given_already"
    case noTask = "no_task"
    case settledAlready = "settled_already"
    case notYours = "not_yours"
}
