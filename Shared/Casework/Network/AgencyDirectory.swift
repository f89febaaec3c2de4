public import FoundationEssentials

/// The active agencies by kind and place: what routing looks agencies up in. Immutable; loaded anew when the network
/// changes. One lookup costs at most one dictionary access per level.
public struct AgencyDirectory: Sendable {
    private let agencies: [Agency]
    /// Whether each has room for another referral.
    private let hasRoom: [Bool]
    /// The positions of the active ones, by kind and place, the one to ask first first.
    private let byPlace: [AgencyKind: [DivisionCode: [Int]]]
    private let positions: [UUID: Int]
    private let alliances: [Alliance]
    private let calendar: HolidayCalendar
    /// Every kind that has at least one active agency.
    public let kinds: Set<AgencyKind>

    /// Takes all agencies; suspended ones are found by id only. Of several in one place the least loaded is preferred, and
    /// among equals the first by code.
    ///
    /// - Parameters:
    ///   - alliances: agreements by which agencies elsewhere may be asked when a case's own divisions have none.
    ///   - load: how many referrals each agency has under way.
    ///   - calendar: on which days agencies that keep working time are open.
    public init(
        _ agencies: some Sequence<Agency>, alliances: [Alliance] = [], load: [UUID: Int] = [:],
        calendar: HolidayCalendar = .weekendsOnly
    ) {
        let agencies = Array(agencies)
        var byPlace: [AgencyKind: [DivisionCode: [Int]]] = [:]
        var positions: [UUID: Int] = [:]
        for (position, agency) in agencies.enumerated() {
            positions[agency.id] = position
        }
        for (position, agency) in agencies.enumerated()
        where agency.status == .active && positions[agency.id] == position {
            byPlace[agency.kind, default: [:]][agency.division, default: []].append(position)
        }
        func order(_ position: Int) -> (Int, String) {
            (load[agencies[position].id] ?? 0, agencies[position].code)
        }
        self.byPlace = byPlace.mapValues { $0.mapValues { $0.sorted { order($0) < order($1) } } }
        self.agencies = agencies
        self.hasRoom = agencies.map { agency in agency.capacity.map { (load[agency.id] ?? 0) < $0 } ?? true }
        self.positions = positions
        self.alliances = alliances
        self.calendar = calendar
        self.kinds = Set(byPlace.keys)
    }

    /// How many agencies there are, suspended ones included.
    public var count: Int { self.positions.count }

    /// The agency of that id, active or not.
    public subscript(id: UUID) -> Agency? { self.positions[id].map { self.agencies[$0] } }

    /// The nearest active agency of a kind that is responsible for a place.
    ///
    /// - Parameters:
    ///   - path: the case's division and those around it, nearest first.
    ///   - nearest: the nearest level wanted; levels below it are passed over. `nil` starts at the place itself.
    ///   - excluding: agencies that may not be chosen, because they rejected the case or stayed silent.
    /// - Returns: `nil` when no level has one.
    public func nearest(
        _ kind: AgencyKind, along path: [DivisionCode], from nearest: DivisionLevel? = nil, excluding: Set<UUID> = []
    ) -> Agency? {
        self.walk(
            AgencySearch(kind: kind, path: path, excluding: excluding, now: .distantPast), along: path, from: nearest
        ) { _ in 0 }.map { self.agencies[$0.position] }
    }

    /// The agency to ask: along the case's own divisions the nearest that offers what is preferred and has room; failing
    /// that, the nearest that lacks the one or the other, since a case that waits is worse; failing that, an alliance
    /// partner's. `nil` when nobody is left.
    public func best(_ search: AgencySearch) -> Agency? { self.choice(search)?.agency }

    /// The same, and what hours had to do with it. When a matter cannot wait, an agency where somebody is there in time
    /// goes before one that is nearer and closed; when none is, the nearest is asked as always.
    public func choice(_ search: AgencySearch) -> AgencyChoice? {
        let isClosed = search.answerBy.map { !self.calendar.worksBetween(search.now, $0) } ?? false
        func rank(_ position: Int) -> Int {
            let lacks =
                if !self.hasRoom[position] {
                    2
                } else {
                    search.offering.isEmpty || search.offering.isSubset(of: self.agencies[position].services) ? 0 : 1
                }
            return isClosed && self.agencies[position].hours == .workingTime ? lacks + Self.closed : lacks
        }
        guard
            let found = self.walk(search, along: search.path, from: search.from, rank)
                ?? self.walk(search, along: self.partners(of: search), from: nil, rank)
        else { return nil }
        let isNearest = found.position == found.nearest || self.agencies[found.nearest].hours == .always
        return AgencyChoice(
            agency: self.agencies[found.position],
            hours: found.rank >= Self.closed ? .closed : isClosed && !isNearest ? .onDuty : .ordinary)
    }

    /// Added to the rank of an agency where nobody is in time: what it lacks otherwise counts less.
    private static let closed = 3

    /// The agreement by which an agency elsewhere serves somebody from these divisions; `nil` for an agency of her own.
    func alliance(
        to division: DivisionCode, along path: [DivisionCode], for purpose: Purpose, now: Date
    ) -> Alliance? {
        guard !self.alliances.isEmpty, !path.contains(division) else { return nil }
        let today = LocalDate(inBeijing: now)
        return self.alliances.first {
            $0.purposes.contains(purpose) && $0.holds(on: today) && $0.partners(along: path).contains(division)
        }
    }

    private func partners(of search: AgencySearch) -> [DivisionCode] {
        guard let purpose = search.purpose, !self.alliances.isEmpty else { return [] }
        let today = LocalDate(inBeijing: search.now)
        return self.alliances.filter { $0.purposes.contains(purpose) && $0.holds(on: today) }
            .flatMap { $0.partners(along: search.path) }
    }

    private struct Found {
        let position: Int
        let rank: Int
        /// The nearest there is, whatever it lacks.
        let nearest: Int
    }

    /// Walks outwards once and keeps the first agency of the lowest rank; nothing is better than 0.
    private func walk(
        _ search: AgencySearch, along path: [DivisionCode], from level: DivisionLevel?, _ rankOf: (Int) -> Int
    ) -> Found? {
        guard let places = self.byPlace[search.kind] else { return nil }
        var found: Found?
        for division in path {
            if let level, division.level > level { continue }
            guard let here = places[division] else { continue }
            for position in here where search.accepts(self.agencies[position].id) {
                let rank = rankOf(position)
                if found.map({ rank < $0.rank }) ?? true {
                    found = Found(position: position, rank: rank, nearest: found?.nearest ?? position)
                }
                if rank == 0 { return found }
            }
        }
        return found
    }
}
