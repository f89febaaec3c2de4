public import FoundationEssentials

/// The active agencies by kind and place: what routing looks agencies up in. Immutable; loaded anew when the network
/// changes. One lookup costs at most one dictionary access per level.
public struct AgencyDirectory: Sendable {
    private struct Place: Hashable {
        let kind: AgencyKind
        let division: DivisionCode
    }

    private let byPlace: [Place: [Agency]]
    private let byID: [UUID: Agency]
    /// Every kind that has at least one active agency.
    public let kinds: Set<AgencyKind>

    /// Takes all agencies; suspended ones are found by id only. Of several in one place the first by code is preferred.
    public init(_ agencies: some Sequence<Agency>) {
        var byPlace: [Place: [Agency]] = [:]
        var byID: [UUID: Agency] = [:]
        for agency in agencies {
            byID[agency.id] = agency
            guard agency.status == .active else { continue }
            byPlace[Place(kind: agency.kind, division: agency.division), default: []].append(agency)
        }
        for place in byPlace.keys {
            byPlace[place]?.sort { $0.code < $1.code }
        }
        self.byPlace = byPlace
        self.byID = byID
        self.kinds = Set(byPlace.keys.map(\.kind))
    }

    /// How many agencies there are, suspended ones included.
    public var count: Int { self.byID.count }

    /// The agency of that id, active or not.
    public subscript(id: UUID) -> Agency? { self.byID[id] }

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
        for division in path {
            if let nearest, division.level > nearest { continue }
            let here = self.byPlace[Place(kind: kind, division: division)] ?? []
            if let agency = here.first(where: { !excluding.contains($0.id) }) {
                return agency
            }
        }
        return nil
    }
}
