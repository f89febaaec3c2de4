import Casework
import Foundation
import Safeguarding
import Testing

@Suite struct PackageTests {
    private static let keyring = FieldKeyring.generate()

    private static func rule(_ channel: ContactChannel, stopped: Date? = nil) throws -> VerifiedSafeContact {
        let authenticator = SafeContactAuthenticator(keyring: keyring)
        let rule = SafeContact(
            id: UUID(), personID: UUID(), channel: channel, days: 1...5, fromMinute: 1080, toMinute: 1230,
            confirmedAt: Date(timeIntervalSince1970: 0), expiresAt: Date(timeIntervalSince1970: 1e9), stoppedAt: stopped
        )
        return try #require(authenticator.verify(rule, tag: authenticator.tag(for: rule), person: rule.personID))
    }

    /// A case in which everything is filled in, each value recognisable.
    private static func source(_ channel: ContactChannel? = .phone) throws -> PackageSource {
        PackageSource(
            referralNumber: "R-7K2M-Q9XA", purpose: "court_purpose", legalBasis: "反家庭暴力法第二十三条", division: "150102",
            risk: "high", riskItems: ["weapon"], categories: ["domestic_violence"], needs: ["shelter"],
            narrative: "求助人张晓燕（电话 138-0013-8000）说，王大力昨晚持刀。女儿王小雨也在。邻居刘邻居报告，电话139 0000 1111。"
                + "现在住在平安家园三楼，班主任陈老师知道。",
            people: [
                .init(
                    role: .helpSeeker, name: "张晓燕", phone: "13800138000", email: "zhang@example.net",
                    birthDate: "1990-02-03", sex: "female", capacity: "full",
                    contactRule: try channel.map { try Self.rule($0) }),
                .init(role: .respondent, name: "王大力", phone: "13700137000", email: "wang@example.net", sex: "male"),
                .init(role: .child, name: "王小雨", birthDate: "2015-06-01", sex: "female", isMinor: true),
                .init(role: .reporter, name: "刘邻居", phone: "13900001111", email: "liu@example.net"),
                .init(role: .witness, name: "陈老师", phone: "13600002222"),
                .init(role: .guardian, name: "王守护", phone: "13500003333"),
            ],
            shelterLocation: "平安家园三楼")
    }

    private static func text(_ package: Package) throws -> String {
        String(decoding: try package.encoded(), as: UTF8.self)
    }

    /// The keys that are really in the JSON, as the ledger would name them.
    private static func keys(_ package: Package) throws -> Set<String> {
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(package.encoded())) as? [String: Any])
        var keys = Set(object.keys).subtracting(["version", "profile", "people"])
        for person in try #require(object["people"] as? [[String: Any]]) {
            let role = try #require(person["role"] as? String)
            keys.formUnion(person.keys.filter { $0 != "role" }.map { "\(role).\($0)" })
        }
        return keys
    }

    @Test(arguments: DisclosureProfile.all)
    func thePackageHoldsOnlyWhatTheMatrixAllowsAndNamesItAll(profile: DisclosureProfile) throws {
        for channel in [ContactChannel.phone, .email, .sms, ContactChannel.none, nil] as [ContactChannel?] {
            let package = try Package.build(profile: profile.name, from: Self.source(channel))
            let keys = try Self.keys(package)
            let allowed = try #require(DisclosureProfileTests.matrix[profile.name])
            #expect(keys.isSubset(of: allowed))
            #expect(Set(package.fields) == keys, "what the ledger records is what the package holds")
            #expect(package.fields == package.fields.sorted())
            #expect(package.profile == profile.name)
        }
    }

    @Test(arguments: DisclosureProfile.all)
    func whatIsNotDisclosedIsNowhereInTheText(profile: DisclosureProfile) throws {
        let text = try Self.text(Package.build(profile: profile.name, from: Self.source(.phone)))
        let always = ["平安家园", "刘邻居", "13900001111", "139 0000 1111", "liu@", "陈老师", "13600002222", "wang@"]
        for secret in always {
            #expect(!text.contains(secret), "\(profile.name) says \(secret)")
        }
        let byField: [(DisclosureField, [String])] = [
            (.person(.respondent, .name), ["王大力"]), (.person(.respondent, .phone), ["13700137000"]),
            (.person(.child, .name), ["王小雨"]), (.person(.helpSeeker, .name), ["张晓燕"]),
            (.person(.guardian, .phone), ["13500003333"]), (.categories, ["domestic_violence"]),
            (.riskItems, ["weapon"]),
            (.person(.helpSeeker, .birthDate), ["1990-02-03"]), (.narrative, ["昨晚"]),
        ]
        for (field, values) in byField where !profile.allows(field) {
            for value in values {
                #expect(!text.contains(value), "\(profile.name) says \(value)")
            }
        }
    }

    @Test func employersAndDonorsNeverLearnWhatItIsAbout() throws {
        for profile in ["employment", "assistance"] {
            let text = try Self.text(Package.build(profile: profile, from: Self.source()))
            #expect(!text.contains("violence") && !text.contains("王大力") && !text.contains("\"narrative\""))
            #expect(!text.contains("\"risk"))
        }
    }

    @Test(arguments: [
        (ContactChannel.phone, true, false), (.sms, true, false), (.email, false, true),
        (ContactChannel.none, false, false),
        (nil, false, false),
    ])
    func herNumberIsDisclosedOnlyForTheChannelSheAllows(channel: ContactChannel?, phone: Bool, email: Bool) throws {
        let fields = try Package.build(profile: "legal_aid", from: Self.source(channel)).fields
        #expect(fields.contains("help_seeker.phone") == phone)
        #expect(fields.contains("help_seeker.email") == email)
        #expect(fields.contains("help_seeker.contact_rule") == (channel != nil))
        let urgent = try Package.build(profile: "emergency", from: Self.source(channel)).fields
        #expect(urgent.contains("help_seeker.phone"), "the police have to find her")
    }

    @Test func aNumberThatIsHeldBackIsBlackedOutOfTheNarrativeToo() throws {
        let shown = try Self.text(Package.build(profile: "legal_aid", from: Self.source(.phone)))
        #expect(shown.contains("138-0013-8000"))
        let held = try Self.text(Package.build(profile: "legal_aid", from: Self.source(.email)))
        #expect(!held.contains("138-0013-8000") && held.contains("〔略〕"))
    }

    @Test func aRuleThatWasStoppedHoldsHerNumberBack() throws {
        var source = try Self.source()
        source.people[0].contactRule = try Self.rule(.phone, stopped: Date(timeIntervalSince1970: 10))
        #expect(try !Package.build(profile: "legal_aid", from: source).fields.contains("help_seeker.phone"))
    }

    @Test func aSuspectedGuardianIsReachedByNobody() throws {
        var source = try Self.source()
        #expect(try Package.build(profile: "mandatory_report", from: source).fields.contains("guardian.phone"))
        source.guardianIsSuspected = true
        for profile in DisclosureProfile.all {
            #expect(try !Package.build(profile: profile.name, from: source).fields.contains("guardian.phone"))
        }
    }

    @Test func underTheViolenceFlagMediatorsCannotCallHim() throws {
        var source = try Self.source()
        #expect(try Package.build(profile: "mediation", from: source).fields.contains("respondent.phone"))
        source.isDomesticViolence = true
        #expect(try !Package.build(profile: "mediation", from: source).fields.contains("respondent.phone"))
        #expect(try Package.build(profile: "court", from: source).fields.contains("respondent.phone"))
    }

    @Test func aFieldThatNamesWhereSheStaysStopsThePackage() throws {
        var source = try Self.source()
        source.people[0].name = "张晓燕（平安家园三楼）"
        #expect(throws: PackageError.shelterLocation(field: "help_seeker.name")) {
            try Package.build(profile: "court", from: source)
        }
    }

    @Test(arguments: [
        "打13700137000", "打137-0013-7000。", "打 +86 137 0013 7000 吧", "打１３７００１３７０００", "打 13800138000 13700137000 都行",
        "8613700137000",
    ])
    func hisNumberIsFoundInAnySpelling(narrative: String) throws {
        var source = try Self.source()
        source.narrative = narrative
        let text = try Self.text(Package.build(profile: "legal_aid", from: source))
        let digits = text.filter(\.isNumber)
        #expect(!digits.contains("13700137000") && !text.contains("１３７００１３７０００"))
    }

    @Test func datesAndAmountsStay() throws {
        var source = try Self.source()
        source.narrative = "2024-05-01 起，每月 3000 元，共 12 个月，门牌 1370"
        let text = try Self.text(Package.build(profile: "legal_aid", from: source))
        #expect(text.contains("2024-05-01 起，每月 3000 元，共 12 个月，门牌 1370"))
    }

    @Test func theLengthIsRoundedAndTheRestIsSpaces() throws {
        let bytes = try Package.build(profile: "court", from: Self.source()).encoded()
        #expect(bytes.count.isMultiple(of: 512))
        #expect(bytes.last == UInt8(ascii: " ") || bytes.last == UInt8(ascii: "}"))
    }

    @Test func nothingPrintsAValue() throws {
        let package = try Package.build(profile: "court", from: Self.source())
        var printed = "\(package)"
        dump(package, to: &printed)
        #expect(!printed.contains("张晓燕") && !printed.contains("13800138000"))
    }
}
