import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import ServiceKit

/// Whom a consent is about, held against the network: a consent that can apply to nobody is a mistake somebody should hear
/// of, before anything is stored.
struct KnownAgencies: Sendable {
    private let pool: PostgresPool
    private let store = ConsentStore()
    /// Kinds that only data knows. Known ones are remembered for a minute; an unknown one is asked for each time, so that a
    /// kind whose first agency was just imported is known at once.
    private let kinds = ExpiringCache<AgencyKind, Bool>(lifetime: .seconds(60), capacity: 512)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The request with the ids of the agencies its consents name. A kind is one that the network's words or its agencies
    /// know; an agency is one there is, of a kind that its consent is about.
    /// - Throws: `HTTPProblem` 422 that names every wrong field.
    func resolve(_ request: IntakeRequest) async throws -> IntakeRequest {
        let strange = try await self.unknown(among: Set(request.consents.flatMap(\.agencyKinds)))
        let codes = Set(request.consentAgencies.values.joined()).sorted()
        let found = codes.isEmpty ? [:] : try await self.store.agencies(codes: codes, on: self.pool)
        var request = request
        var errors: [FieldError] = []
        for (index, consent) in request.consents.enumerated() {
            errors += Self.errors(in: consent, "/consents/\(index)", strange)
            guard let named = request.consentAgencies[index] else { continue }
            errors += Self.errors(in: consent, named: named, "/consents/\(index)", found)
            request.consents[index].agencies = Set(named.compactMap { found[$0]?.id })
        }
        guard errors.isEmpty else { throw HTTPProblem.validation(errors) }
        return request
    }

    private func unknown(among kinds: Set<AgencyKind>) async throws -> Set<AgencyKind> {
        let asked = kinds.subtracting(AgencyKind.known).filter { self.kinds.value(for: $0) == nil }
        guard !asked.isEmpty else { return [] }
        let unknown = Set(try await self.store.unknownKinds(among: asked.sorted(), on: self.pool))
        for kind in asked.subtracting(unknown) { self.kinds.remember(true, for: kind) }
        return unknown
    }

    /// What is wrong with the kinds a consent is about.
    static func errors(in consent: Consent, _ path: String, _ unknown: Set<AgencyKind>) -> [FieldError] {
        consent.agencyKinds.enumerated().filter { unknown.contains($0.element) }.map { position, _ in
            FieldError(
                field: "\(path)/agency_kinds/\(position)", code: "unknown_value",
                message: "no agency of this kind is in the network")
        }
    }

    /// What is wrong with the agencies a consent names.
    static func errors(
        in consent: Consent, named codes: [String], _ path: String, _ found: [String: (id: UUID, kind: AgencyKind)]
    ) -> [FieldError] {
        codes.enumerated().compactMap { position, code in
            let field = "\(path)/agencies/\(position)"
            guard let agency = found[code] else {
                return FieldError(field: field, code: "unknown_value", message: "is no agency of this network")
            }
            guard !consent.agencyKinds.contains(agency.kind) else { return nil }
            return FieldError(
                field: field, code: "inconsistent", message: "is of a kind that agency_kinds does not name")
        }
    }
}
