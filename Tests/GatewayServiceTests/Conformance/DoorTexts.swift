import AgencyDoors
import DandelionAgency
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

typealias Occasion = DandelionAgency.AgencyText.Occasion

extension NetworkFixture {
    /// What lies in the database of one text.
    struct KeptText: Sendable {
        let status: String
        let keyID: String
        let digest: [UInt8]
        let sealed: [UInt8]?
        let attachments: [SentText.Attachment]
        let staff: String?
    }

    /// Gives the network a key, signed by an onboarding key. Returns its private half.
    func addNetworkKey(
        signedBy onboarding: OnboardingKey = .generate(), validFrom: Date = Date(timeIntervalSince1970: 1_700_000_000)
    ) async throws -> AgencyKeyPair {
        let pair = try AgencyKeyPair.generate()
        let signed = try SignedNetworkKey(
            NetworkKeyStatement(key: pair.publicKey, validFrom: validFrom), signedBy: onboarding)
        #expect(try await NetworkKeyStore().add(signed, on: self.pool) == .done)
        return pair
    }

    func texts(of offer: Offer) async throws -> [KeptText] {
        try await self.pool.execute(Self.selectTexts, offer.referralID).map { row in
            let (status, key, digest, sealed, attachments, staff) = try row.decode(
                (String, String, [UInt8], [UInt8]?, PostgresJSON?, String?).self)
            return KeptText(
                status: status, keyID: key, digest: digest, sealed: sealed,
                attachments: try attachments?.decode([SentText.Attachment].self) ?? [], staff: staff)
        }
    }

    /// The digests that the events of the referral's answers and reports name.
    func mentions(of offer: Offer) async throws -> [String] {
        try await self.pool.execute(Self.selectMentions, offer.referralID).map { try $0.decode(String.self) }
    }

    private static let selectTexts = Statement(
        name: "fixture_texts",
        """
        SELECT status, key_id, digest, sealed, attachments, staff_id FROM safeguarding.sealed_text
        WHERE referral_id = $1 ORDER BY number
        """)
    private static let selectMentions = Statement(
        name: "fixture_mentions",
        """
        SELECT data ->> 'text' FROM casework.event WHERE referral_id = $1 AND data ? 'text' AND actor_kind = 'agency'
        ORDER BY id
        """)
}

extension NetworkFixture.KeptText {
    /// As whoever has the private key opens it.
    func open(
        with keys: AgencyKeyPair, _ offer: NetworkFixture.Offer
    ) throws(SealedPackageError) -> (text: String?, locations: [String]) {
        func binding(_ attachment: SealedText.Attachment?) -> SealedText.Binding {
            .init(referral: offer.number, agencyID: offer.agency.id, status: self.status, attachment: attachment)
        }
        var locations: [String] = []
        for attachment in self.attachments {
            let bytes = Data(base64Encoded: attachment.location).map(Array.init) ?? []
            locations.append(
                try SealedText(bytes: bytes).open(
                    with: keys,
                    binding: binding(
                        .init(
                            sha256: attachment.sha256, mediaType: attachment.mediaType, bytes: attachment.bytes))))
        }
        guard let sealed else { return (nil, locations) }
        return (try SealedText(bytes: sealed).open(with: keys, binding: binding(nil)), locations)
    }
}

/// A text that the library would not make.
func forged(
    key: String, sealed: [UInt8]?, attachments: String = "null"
) throws -> DandelionAgency.AgencyText {
    let bytes = sealed.map { "\"\(Data($0).base64EncodedString())\"" } ?? "null"
    return try JSONDecoder().decode(
        DandelionAgency.AgencyText.self,
        from: Data(#"{"keyId":"\#(key)","sealed":\#(bytes),"attachments":\#(attachments)}"#.utf8))
}
