import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// S16, S17: consent for each agency, purpose and kinds of data; what is taken back is gone at once.
@Suite struct ConsentStoreTests {
    @Test func whatIsTakenBackRevokesWhatRestsOnItAndNothingElse() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let placement = try await casework.refer(new.id)
            let emergency = try await casework.refer(
                new.id, to: casework.justice, purpose: .legalAid, basis: .statutoryDuty)
            let change = try await casework.act { store, transaction in
                try await store.withdraw(
                    .init(purpose: .safePlacement), on: new.number, by: casework.worker, in: transaction)
            }
            #expect(change.caseID == new.id && change.revoked == 1)
            #expect(try await casework.status(of: placement.id, in: new.id) == .revoked)
            #expect(try await casework.status(of: emergency.id, in: new.id) == .requested)
            let events = try await casework.events(of: new.id)
            #expect(events.suffix(2) == ["consent_withdrawn", "referral_revoked"])
            // The agency gets nothing any more, by whichever step.
            let step = await refusal {
                try await casework.step { gateway, transaction in
                    try gateway.postReceived(
                        agency: casework.civilAffairs, referral: placement.id, lease: UUID(), in: transaction)
                }
            }
            #expect(step == .referralState)
            let again = await refusal {
                _ = try await casework.act { store, transaction in
                    try await store.withdraw(
                        .init(purpose: .safePlacement), on: new.number, by: casework.worker, in: transaction)
                }
            }
            #expect(again == .unknownConsent)
        }
    }

    /// S38: what has ended discloses nothing, though nobody has looked since.
    @Test func whatHasEndedIsRefusedAtTheReading() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase { new in
                new.consents = [
                    Consent(
                        agencyKinds: [.civilAffairs], purpose: .safePlacement, status: .granted,
                        expiresAt: Date().addingTimeInterval(3600))
                ]
            }
            let referral = try await casework.refer(new.id)
            func receive() async -> CaseworkError.Code? {
                await refusal {
                    try await casework.step { gateway, transaction in
                        try gateway.postReceived(
                            agency: casework.civilAffairs, referral: referral.id, lease: UUID(), in: transaction)
                    }
                }
            }
            #expect(await receive() == nil)
            try await casework.pool.execute(Self.endConsents)
            #expect(await receive() == .consentGone)
            let revoked = try await casework.pool.withTransaction("t") {
                try await ConsentStore().revokeExpired(of: new.id, in: $0)
            }
            #expect(revoked == 1)
            #expect(try await casework.status(of: referral.id, in: new.id) == .revoked)
        }
    }

    @Test func oneAgencyIsTakenBackAndTheOthersOfItsKindStay() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let other = try await AgencyStore().put(
                NewAgency(
                    code: "150100-civil-affairs", kind: .civilAffairs, name: "呼和浩特市民政局",
                    division: CaseworkFixture.league), on: casework.pool)
            let first = try await casework.refer(new.id)
            let second = try await casework.refer(new.id, to: other)
            let agency = casework.civilAffairs
            let change = try await casework.act { store, transaction in
                try await store.withdraw(
                    .init(agency: agency), on: new.number, by: casework.worker, in: transaction)
            }
            #expect(change.revoked == 1)
            #expect(try await casework.status(of: first.id, in: new.id) == .revoked)
            #expect(try await casework.status(of: second.id, in: new.id) == .requested)
            // She changes her mind about the kind: the one she named stays out until she names it again.
            let anew = Consent(agencyKinds: [.civilAffairs], purpose: .safePlacement, status: .granted)
            _ = try await casework.act { store, transaction in
                try await store.record(anew, on: new.number, by: casework.worker, in: transaction)
            }
            let consents = try await casework.pool.withTransaction("t") {
                try await CaseStore().read(new.id, in: $0).consents
            }
            func answer(_ agency: UUID) -> ConsentAnswer {
                consents.answer(for: .civilAffairs, .safePlacement, needing: [.place], at: Date(), about: agency)
            }
            #expect(answer(casework.civilAffairs) == .withdrawn && answer(other) == .granted)
            var named = anew
            named.agencies = [agency]
            let again = named
            _ = try await casework.act { store, transaction in
                try await store.record(again, on: new.number, by: casework.worker, in: transaction)
            }
            let later = try await casework.pool.withTransaction("t") {
                try await CaseStore().read(new.id, in: $0).consents
            }
            #expect(
                later.answer(for: .civilAffairs, .safePlacement, needing: [.place], at: Date(), about: agency)
                    == .granted)
        }
    }

    /// A kind is taken out of an answer about several; the others keep it. Refusing is an answer like any other.
    @Test func anAnswerAboutOneKindLeavesTheOthers() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase { new in
                new.consents = [
                    Consent(agencyKinds: [.civilAffairs, .justiceBureau], purpose: .legalAid, status: .granted)
                ]
            }
            let refused = Consent(agencyKinds: [.justiceBureau], purpose: .legalAid, status: .refused)
            _ = try await casework.act { store, transaction in
                try await store.record(refused, on: new.number, by: casework.worker, in: transaction)
            }
            let consents = try await casework.pool.withTransaction("t") {
                try await CaseStore().read(new.id, in: $0).consents
            }
            #expect(consents.answer(for: .justiceBureau, .legalAid, at: Date()) == .refused)
            #expect(consents.answer(for: .civilAffairs, .legalAid, at: Date()) == .granted)
            #expect(try await ConsentStore().overview(of: new.number, on: casework.pool).count == 2)
        }
    }

    @Test func anAgencyThatIsNotThereIsRefused() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            for agency in [UUID(), casework.justice] {
                var consent = Consent(agencyKinds: [.civilAffairs], purpose: .legalAid, status: .granted)
                consent.agencies = [agency]
                let asked = consent
                let code = await refusal {
                    _ = try await casework.act { store, transaction in
                        try await store.record(asked, on: new.number, by: casework.worker, in: transaction)
                    }
                }
                #expect(code == .unknownAgency)
            }
            #expect(
                try await ConsentStore().unknownKinds(among: [.court, .civilAffairs], on: casework.pool) == [.court])
        }
    }

    /// S20, and who may record at all.
    @Test func whoMayNotActOnACaseDoesNot() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            try await casework.addStaff("S-0009", [.informant], at: [CaseworkFixture.region])
            try await casework.addStaff("S-0010", [.caseworker], at: [CaseworkFixture.village])
            try await casework.addStaff("S-0011", [.caseworker], at: [CaseworkFixture.region], isActive: false)
            try await casework.addStaff("S-0012", [.caseworker], at: [CaseworkFixture.region])
            // Related to whoever has the help-seeker's number.
            _ = try await StaffStore().relate(
                StaffID(rawValue: "S-0012"), to: PartyToken(rawValue: hash(4)), client: casework.client,
                on: casework.pool)
            func code(_ staff: String, client: UUID? = nil, number: CaseNumber? = nil) async -> CaseworkError.Code? {
                await refusal {
                    _ = try await casework.act { store, transaction in
                        try await store.withdraw(
                            .init(), on: number ?? new.number,
                            by: CaseActor(StaffID(rawValue: staff), client: client), in: transaction)
                    }
                }
            }
            #expect(await code("S-9999") == .unknownStaff)
            #expect(await code("S-0011") == .unknownStaff)
            #expect(await code("S-0009") == .staffMayNot)
            #expect(await code("S-0010") == .staffMayNot, "another division")
            #expect(await code("S-0012") == .relatedToParty)
            #expect(await code("S-0001", client: UUID()) == .unknownCase, "no such client")
            var generator = SystemRandomNumberGenerator()
            #expect(await code("S-0001", number: .random(using: &generator)) == .unknownCase)
            #expect(await code("S-0001", client: casework.client) == nil)
        }
    }

    /// The database's own answer at the moment bytes leave is the domain's, for whatever was recorded.
    @Test func theDatabasesAnswerIsTheDomains() async throws {
        try await withCasework { casework in
            var generator = SplitMix(seed: 7)
            let now = Date()
            var counts: [Bool: Int] = [:]
            for _ in 0..<60 {
                let consents = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    Self.consent(&generator, agencies: [casework.civilAffairs, casework.justice], now: now)
                }
                var flags: Set<CaseFlag> = []
                if Bool.random(using: &generator) { flags.insert(.guardianSuspected) }
                let isYoung = Int.random(in: 0..<4, using: &generator) == 0
                let chosen = flags
                let new = try await casework.openCase { new in
                    new.facts.flags = chosen
                    new.facts.people = isYoung ? [.seekerUnder14] : []
                    new.consents = []
                }
                try await casework.put(consents, on: new.id)
                var facts = new.facts
                facts.consents = try await casework.pool.withTransaction("t") {
                    try await CaseStore().read(new.id, in: $0).consents
                }
                for profile in [DisclosureProfileName.shelter, .minimal, .legalAid, .emergency] {
                    let domain =
                        facts.validConsents.answer(
                            for: .civilAffairs, .safePlacement, needing: profile.dataKinds, at: now,
                            about: casework.civilAffairs) == .granted
                    let stored = try #require(
                        try await casework.pool.execute(
                            Self.stands, new.id, casework.civilAffairs, profile.rawValue
                        ).first
                    ).decode(Bool.self)
                    #expect(domain == stored, "\(consents) \(profile)")
                    counts[stored, default: 0] += 1
                }
            }
            #expect(counts[true, default: 0] > 10 && counts[false, default: 0] > 10)
        }
    }

    @Test func theProfilesKindsOfDataAreTheApplications() async throws {
        try await withCasework { casework in
            for profile in DisclosureProfileName.known {
                let kinds = try #require(try await casework.pool.execute(Self.kinds, profile.rawValue).first)
                    .decode([String].self)
                #expect(Set(kinds) == Set(profile.dataKinds.map(\.rawValue)), "\(profile)")
            }
        }
    }

    private static func consent(
        _ generator: inout SplitMix, agencies: [UUID], now: Date
    ) -> Consent {
        let kinds: [AgencyKind] = [.civilAffairs, .justiceBureau].shuffled(using: &generator)
        var consent = Consent(
            agencyKinds: Array(kinds.prefix(Int.random(in: 1...2, using: &generator))), purpose: .safePlacement,
            status: ConsentStatus.allCases.randomElement(using: &generator) ?? .granted,
            expiresAt: Int.random(in: 0..<3, using: &generator) == 0
                ? now.addingTimeInterval(Bool.random(using: &generator) ? -3600 : 3600) : nil)
        consent.givenBy = ConsentGiver.allCases.randomElement(using: &generator) ?? .herself
        if Int.random(in: 0..<3, using: &generator) == 0 { consent.dataKinds = [.identity, .contact, .place, .matter] }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            consent.agencies = [agencies.randomElement(using: &generator) ?? agencies[0]]
        }
        return consent
    }

    private static let endConsents = Statement(
        name: "t_end_consents", "UPDATE casework.consent SET expires_at = clock_timestamp() - interval '1 second'")
    private static let stands = Statement(
        name: "t_stands",
        """
        WITH path AS (SELECT set_config('search_path', 'casework', true))
        SELECT casework.consent_stands($1, $2, 'civil_affairs', 'safe_placement', $3) FROM path
        """)
    private static let kinds = Statement(name: "t_kinds", "SELECT casework.profile_data_kinds($1)")
}
