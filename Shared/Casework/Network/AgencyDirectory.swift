public import FoundationEssentials

/// What is wanted of an agency, and where.
public struct AgencySearch: Sendable {
    public var kind: AgencyKind
    /// The case's division and those around it, nearest first.
    public var path: [DivisionCode]
    /// The nearest level wanted; levels below it are passed over. `nil` starts at the place itself.
    public var from: DivisionLevel?
    public var purpose: Purpose?
    /// Agencies that may not be chosen: they rejected the case, stayed silent, or are related to a party.
    public var excluding: Set<UUID>
    /// Services that are preferred.
    public var offering: Set<AgencyServiceCode>
    public var now: Date

    public init(
        kind: AgencyKind, path: [DivisionCode], from: DivisionLevel? = nil, purpose: Purpose? = nil,
        excluding: Set<UUID> = [], offering: Set<AgencyServiceCode> = [], now: Date
    ) {
        self.kind = kind
        self.path = path
        self.from = from
        self.purpose = purpose
        self.excluding = excluding
        self.offering = offering
        self.now = now
    }
}

/// The active agencies by kind and place: what routing looks agencies up in. Immutable; loaded anew when the network
/// changes. One lookup costs at most one dictionary access per level.
public struct AgencyDirectory: Sendable {
    private struct Place: Hashable {
        let kind: AgencyKind
        let division: DivisionCode
    }

    private let byPlace: [Place: [Agency]]
    private let byID: [UUID: Agency]
    private let alliances: [Alliance]
    private let load: [UUID: Int]
    /// Every kind that has at least one active agency.
    public let kinds: Set<AgencyKind>

    /// Takes all agencies; suspended ones are found by id only. Of several in one place the least loaded is preferred, and
    /// among equals the first by code.
    ///
    /// - Parameters:
    ///   - alliances: agreements by which agencies elsewhere may be asked when a case's own divisions have none.
    ///   - load: how many referrals each agency has under way.
    public init(
        _ agencies: some Sequence<Agency>, alliances: [Alliance] = [], load: [UUID: Int] = [:]
    ) {
        var byPlace: [Place: [Agency]] = [:]
        var byID: [UUID: Agency] = [:]
        for agency in agencies {
            byID[agency.id] = agency
            guard agency.status == .active else { continue }
            byPlace[Place(kind: agency.kind, division: agency.division), default: []].append(agency)
        }
        for place in byPlace.keys {
            byPlace[place]?.sort { (load[$0.id] ?? 0, $0.code) < (load[$1.id] ?? 0, $1.code) }
        }
        self.byPlace = byPlace
        self.byID = byID
        self.alliances = alliances
        self.load = load
        self.kinds = Set(byPlace.keys.map(\.kind))
    }

    /// How many agencies there are, suspended ones included.
    public var count: Int { self.byID.count }

    /// The agency of that id, active or not.
    public subscript(id: UUID) -> Agency? { self.byID[id] }

    /// Every agency of a kind, suspended ones included.
    func ids(of kind: AgencyKind) -> Set<UUID> {
        Set(self.byID.values.lazy.filter { $0.kind == kind }.map(\.id))
    }

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
        self.first(kind, along: path, from: nearest) { !excluding.contains($0.id) }
    }

    /// The agency to ask: along the case's own divisions the nearest that offers what is preferred and has room; failing
    /// that, the nearest that lacks the one or the other, since a case that waits is worse; failing that, an alliance
    /// partner's. `nil` when nobody is left.
    public func best(_ search: AgencySearch) -> Agency? {
        func isFree(_ agency: Agency) -> Bool { !search.excluding.contains(agency.id) }
        func hasRoom(_ agency: Agency) -> Bool {
            agency.capacity.map { (self.load[agency.id] ?? 0) < $0 } ?? true
        }
        func offers(_ agency: Agency) -> Bool { search.offering.isSubset(of: agency.services) }

        func along(_ path: [DivisionCode], from level: DivisionLevel?) -> Agency? {
            self.first(search.kind, along: path, from: level) { isFree($0) && offers($0) && hasRoom($0) }
                ?? (search.offering.isEmpty
                    ? nil : self.first(search.kind, along: path, from: level) { isFree($0) && hasRoom($0) })
                ?? self.first(search.kind, along: path, from: level, where: isFree)
        }
        return along(search.path, from: search.from) ?? along(self.partners(of: search), from: nil)
    }

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

    private func first(
        _ kind: AgencyKind, along path: [DivisionCode], from nearest: DivisionLevel?, where isWanted: (Agency) -> Bool
    ) -> Agency? {
        for division in path {
            if let nearest, division.level > nearest { continue }
            guard let here = self.byPlace[Place(kind: kind, division: division)] else { continue }
            if let agency = here.first(where: isWanted) {
                return agency
            }
        }
        return nil
    }
}
