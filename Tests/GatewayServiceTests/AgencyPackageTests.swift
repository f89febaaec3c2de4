import DandelionAgency
import FoundationEssentials
import Safeguarding
import Testing

@Suite struct AgencyPackageTests {
    let key = AgencyPrivateKey()
    let referral = UUID()
    let agency = UUID()

    private func sealed(_ json: String) throws -> [UInt8] {
        try Safeguarding.SealedPackage.seal(
            Array(json.utf8), to: AgencyPublicKey(bytes: self.key.publicKey),
            binding: .init(referralID: self.referral, agencyID: self.agency, profile: "shelter")
        ).bytes
    }

    private func package(
        _ sealed: [UInt8], referral: UUID? = nil, agency: UUID? = nil, profile: String = "shelter"
    ) -> DandelionAgency.SealedPackage {
        DandelionAgency.SealedPackage(
            sealed: Data(sealed), referralId: referral ?? self.referral, agencyId: agency ?? self.agency,
            profile: profile)
    }

    @Test func opensWhatTheNetworkSeals() throws {
        let json = """
            {"version":1,"profile":"shelter","referral_number":"R-0000-0001","people":[{"role":"help_seeker",\
            "birth_date":"1990-01-02","contact_rule":{"channel":"phone","days":[1,2],"from":"09:00","to":"11:30",\
            "never_mention":true}}]}     \u{20}
            """
        let opened = try AgencyPackage.open(self.package(try self.sealed(json)), privateKey: self.key)
        #expect(opened.referralNumber == "R-0000-0001")
        #expect(opened.people.first?.contactRule?.neverMention == true)
        #expect(opened.people.first?.birthDate == "1990-01-02")
        #expect("\(opened) \(opened.people)" == "AgencyPackage(shelter) [Person(help_seeker)]")
    }

    @Test func opensForItsReferralAgencyProfileAndKeyOnly() throws {
        let sealed = try self.sealed("{}")
        let wrong = [
            self.package(sealed, referral: UUID()), self.package(sealed, agency: UUID()),
            self.package(sealed, profile: "police"), self.package([2] + sealed.dropFirst()),
            self.package(Array(sealed.dropLast())), self.package([]),
        ]
        for package in wrong {
            #expect(throws: AgencyError.self) { try AgencyPackage.open(package, privateKey: self.key) }
        }
        #expect(throws: AgencyError.self) {
            try AgencyPackage.open(self.package(sealed), privateKey: AgencyPrivateKey())
        }
    }

    @Test func readsThePrivateKeyAsOnboardingWritesIt() throws {
        let raw = self.key.rawRepresentation
        let base64 = Data(raw).base64EncodedString()
        let hexadecimal = raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let contents = [
            raw, Array("\(base64)\n".utf8), Array(hexadecimal.utf8),
            Array(#"{"algorithm":"x25519","private_key":"\#(base64)","public_key":"…"}"#.utf8),
        ]
        for content in contents {
            #expect(try AgencyPrivateKey(fileContent: content).publicKey == self.key.publicKey)
        }
        for content in ["", "{}", #"{"algorithm":"rsa","private_key":"\#(base64)"}"#, "not a key at all"] {
            #expect(throws: AgencyError.self) { try AgencyPrivateKey(fileContent: Array(content.utf8)) }
        }
        #expect(!"\(self.key)".contains(base64))
    }
}
