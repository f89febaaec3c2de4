import Casework
import Safeguarding
import Testing

/// S19: the field matrix, written out. A change of a profile has to be made here too.
@Suite struct DisclosureProfileTests {
    private static let base = ["referral_number", "purpose", "legal_basis", "division"]
    private static let situation = ["risk", "risk_items", "categories", "narrative"]
    private static let reachable = ["name", "phone", "email", "contact_rule"].map { "help_seeker.\($0)" }

    static let matrix: [String: [String]] = [
        "emergency": base + situation + reachable + [
            "help_seeker.sex", "help_seeker.capacity", "help_seeker.is_minor", "respondent.name", "respondent.sex",
            "respondent.phone", "child.name", "child.sex", "child.birth_date",
        ],
        "mandatory_report": base + situation + reachable + [
            "help_seeker.sex", "help_seeker.birth_date", "help_seeker.capacity", "help_seeker.is_minor", "child.name",
            "child.sex", "child.birth_date", "child.is_minor", "respondent.name", "respondent.sex", "guardian.name",
            "guardian.phone",
        ],
        "police_report": base + situation + reachable + [
            "help_seeker.sex", "help_seeker.birth_date", "respondent.name", "respondent.sex", "respondent.phone",
        ],
        "court": base + situation + reachable + [
            "help_seeker.sex", "help_seeker.birth_date", "help_seeker.capacity", "help_seeker.is_minor",
            "respondent.name", "respondent.sex", "respondent.phone", "child.name", "child.sex", "child.birth_date",
        ],
        "legal_aid": base + reachable + [
            "categories", "needs", "narrative", "help_seeker.sex", "help_seeker.birth_date", "respondent.name",
        ],
        "shelter": base + reachable + [
            "risk", "risk_items", "needs", "help_seeker.sex", "help_seeker.birth_date", "help_seeker.capacity",
            "help_seeker.is_minor", "child.sex", "child.birth_date",
        ],
        "mediation": base + reachable + ["categories", "respondent.name", "respondent.phone"],
        "counselling": base + reachable + ["risk", "categories", "help_seeker.sex", "help_seeker.is_minor"],
        "assistance": base + reachable + ["needs"],
        "medical": base + reachable + ["needs", "risk_items", "help_seeker.sex", "help_seeker.birth_date"],
        "employment": base + reachable + ["needs"],
        "station": base + situation + reachable + [
            "needs", "help_seeker.sex", "help_seeker.birth_date", "help_seeker.capacity", "help_seeker.is_minor",
            "respondent.name", "respondent.sex", "respondent.phone", "child.name", "child.sex", "child.birth_date",
            "child.is_minor", "guardian.name", "guardian.phone",
        ],
        "minimal": base,
    ]

    @Test func theMatrixIsThis() {
        let actual = Dictionary(
            uniqueKeysWithValues: DisclosureProfile.all.map { ($0.name, $0.fields.map(\.name).sorted()) })
        #expect(actual == Self.matrix.mapValues { $0.sorted() })
    }

    @Test(arguments: DisclosureProfileName.known)
    func everyProfileARuleMayNameExists(name: DisclosureProfileName) throws {
        #expect(try DisclosureProfile.named(name.rawValue).name == name.rawValue)
    }

    @Test(arguments: ["", "Court", "court ", "police", "everything"])
    func anUnknownProfileIsAnError(name: String) {
        #expect(throws: PackageError.unknownProfile(name)) { try DisclosureProfile.named(name) }
        #expect(throws: PackageError.unknownProfile(name)) {
            try Package.build(
                profile: name,
                from: PackageSource(referralNumber: "", purpose: "", legalBasis: "", division: "", risk: ""))
        }
    }

    @Test(arguments: DisclosureProfile.all)
    func noProfileNamesWhereSheStaysOrWhoReported(profile: DisclosureProfile) {
        #expect(!profile.allows(.shelterLocation))
        for attribute in PersonAttribute.allCases {
            #expect(!profile.allows(.person(.reporter, attribute)))
            #expect(!profile.allows(.person(.witness, attribute)))
        }
    }

    @Test func theRespondentIsReachedOnlyByThoseWhoMustReachHim() {
        let mustReachHim: Set = ["emergency", "police_report", "court", "mediation", "station"]
        for profile in DisclosureProfile.all where !mustReachHim.contains(profile.name) {
            #expect(!profile.allows(.person(.respondent, .phone)) && !profile.allows(.person(.respondent, .email)))
        }
    }

    @Test func onlyLifeAndDutyGoBeforeHerContactRule() {
        #expect(
            DisclosureProfile.all.filter { $0.reachesRegardless }.map(\.name).sorted() == [
                "emergency", "mandatory_report",
            ])
    }
}
