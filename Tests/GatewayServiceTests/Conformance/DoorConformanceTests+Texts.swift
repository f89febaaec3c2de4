import AgencyDoors
import Crypto
import DandelionAgency
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

/// What agencies say in their own words: sealed before it leaves them, the same at every door.
@Suite struct DoorTextTests {
    private typealias Text = DandelionAgency.AgencyText

    /// What the agency says, and where the text goes: a lease or a referral.
    private func target(
        for occasion: Occasion, _ network: DoorNetwork, _ agency: NetworkFixture.Agency, _ door: any AgencyAtADoor
    ) async throws -> (offer: NetworkFixture.Offer, target: String) {
        let offer = try await network.offer(to: agency)
        let lease = try #require(try await door.lease(1).first)
        switch occasion {
        case .accepted, .rejected, .objected: return (offer, lease.lease)
        case .scheduled, .inProgress, .onHold, .completed, .failed, .noShow:
            #expect(try await door.accept(lease.lease) == .done)
            return (offer, offer.number)
        }
    }

    @Test(arguments: Door.allCases) func aSealedTextComesWithEveryAnswerAndReport(_ door: Door) async throws {
        try await withDoor(door) { network in
            let keys = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let key = try #require(try await door.networkKey())
                #expect(key.keyId == keys.publicKey.fingerprintText && key.agencyId == agency.id)
                for occasion in Occasion.allCases {
                    let (offer, target) = try await self.target(for: occasion, network, agency, door)
                    let file = Text.Attachment(
                        content: Array("裁定书".utf8), mediaType: "application/pdf", location: "档案 2026-117\n第 3 页")
                    let text = try Text.seal(
                        "她已搬走。\n请勿致电。", attachments: [file], with: occasion, about: offer.number, to: key)
                    #expect(try await door.say(text, occasion, target) == .done, "\(occasion)")
                    #expect(try await network.network.status(of: offer) == occasion.rawValue)
                    let kept = try #require(try await network.network.texts(of: offer).first)
                    #expect(kept.status == occasion.rawValue && kept.keyID == key.keyId)
                    let opened = try kept.open(with: keys, offer)
                    #expect(opened.text == "她已搬走。\n请勿致电。" && opened.locations == ["档案 2026-117\n第 3 页"])
                    #expect(kept.attachments.first?.bytes == 9)
                    // The event of the answer names the digest, which the agency can make, too.
                    let location = try #require(kept.attachments.first.flatMap { Data(base64Encoded: $0.location) })
                    let digest = SHA256.hash(data: try #require(kept.sealed) + location)
                    #expect(Array(digest) == kept.digest)
                    #expect(
                        try await network.network.mentions(of: offer)
                            == [digest.map { String(format: "%02x", $0) }.joined()])
                }
            }
        }
    }

    /// What is no sealed text is refused by every verb, in one word, and nothing changes.
    @Test(arguments: Door.allCases) func whatIsNotSealedRightlyIsRefused(_ door: Door) async throws {
        try await withDoor(door) { network in
            _ = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let key = try #require(try await door.networkKey())
                for occasion in [Occasion.accepted, .rejected, .objected, .inProgress, .completed] {
                    let (offer, target) = try await self.target(for: occasion, network, agency, door)
                    let before = try await network.network.status(of: offer)
                    let clear = Array("她住在新城区，电话不要打，孩子在学校，老师知道。".utf8)
                    let sealed = [UInt8](repeating: 1, count: 100)
                    let bad: [(String, Text)] = [
                        ("clear", try forged(key: key.keyId, sealed: clear)),
                        ("short", try forged(key: key.keyId, sealed: [1, 2, 3])),
                        ("empty", try forged(key: key.keyId, sealed: [])),
                        ("long", try forged(key: key.keyId, sealed: [UInt8](repeating: 1, count: 8193))),
                        ("version", try forged(key: key.keyId, sealed: [2] + sealed)),
                        ("key", try forged(key: "x", sealed: sealed)),
                        ("nothing", try forged(key: key.keyId, sealed: nil)),
                        ("list", try forged(key: key.keyId, sealed: sealed, attachments: "[]")),
                        (
                            "type",
                            try forged(
                                key: key.keyId, sealed: sealed,
                                attachments: Self.attachments(1, mediaType: "text/html"))
                        ),
                        (
                            "location",
                            try forged(key: key.keyId, sealed: sealed, attachments: Self.attachments(1, location: 2000))
                        ),
                        ("many", try forged(key: key.keyId, sealed: nil, attachments: Self.attachments(9))),
                    ]
                    for (what, text) in bad {
                        #expect(try await door.say(text, occasion, target) == .badText, "\(occasion) \(what)")
                    }
                    let unknown = String(repeating: "0", count: 64)
                    #expect(
                        try await door.say(try forged(key: unknown, sealed: sealed), occasion, target) == .unknownKey)
                    #expect(try await network.network.texts(of: offer).isEmpty)
                    #expect(try await network.network.status(of: offer) == before)
                    // And without a text it is still the agency's to answer.
                    let sound = try Text.seal("好", with: occasion, about: offer.number, to: key)
                    #expect(try await door.say(sound, occasion, target) == .done)
                }
            }
        }
    }

    /// A list of attachments such as a hostile system sends.
    private static func attachments(
        _ count: Int, mediaType: String = "application/pdf", location bytes: Int = 100
    ) -> String {
        let location = Data([UInt8](repeating: 1, count: bytes)).base64EncodedString()
        let digest = String(repeating: "a", count: 64)
        let one = #"{"sha256":"\#(digest)","mediaType":"\#(mediaType)","bytes":1,"location":"\#(location)"}"#
        return "[" + Array(repeating: one, count: count).joined(separator: ",") + "]"
    }

    /// The doors cannot see what it is about; whoever opens it can.
    @Test(arguments: Door.allCases) func aTextThatIsMovedDoesNotOpen(_ door: Door) async throws {
        try await withDoor(door) { network in
            let keys = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let key = try #require(try await door.networkKey())
                let (first, _) = try await self.target(for: .inProgress, network, agency, door)
                let (second, target) = try await self.target(for: .inProgress, network, agency, door)
                for (occasion, about) in [(Occasion.inProgress, first), (.completed, second)] {
                    let text = try Text.seal("她同意了", with: occasion, about: about.number, to: key)
                    #expect(try await door.say(text, .inProgress, target) == .done)
                }
                let kept = try await network.network.texts(of: second)
                #expect(kept.count == 2)
                for text in kept {
                    #expect(throws: SealedPackageError.notAuthentic) { _ = try text.open(with: keys, second) }
                }
            }
        }
    }

    /// An answer that was lost is asked for again: one text, one event, and the same word.
    @Test(arguments: Door.allCases) func aRepeatIsAnsweredTheSameAndKeptOnce(_ door: Door) async throws {
        try await withDoor(door) { network in
            _ = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let key = try #require(try await door.networkKey())
                let (offer, lease) = try await self.target(for: .accepted, network, agency, door)
                func seal(_ occasion: Occasion) throws -> Text {
                    try Text.seal("收到", with: occasion, about: offer.number, to: key)
                }
                let accepted = try seal(.accepted)
                for text in [accepted, accepted, try seal(.accepted)] {
                    #expect(try await door.say(text, .accepted, lease) == .done)
                }
                let progress = try seal(.inProgress)
                for _ in 0..<3 { #expect(try await door.say(progress, .inProgress, offer.number) == .done) }
                #expect(try await door.say(try seal(.inProgress), .inProgress, offer.number) == .done)
                let completed = try seal(.completed)
                for text in [completed, completed, try seal(.completed)] {
                    #expect(try await door.say(text, .completed, offer.number) == .done)
                }
                let kept = try await network.network.texts(of: offer).map(\.status)
                #expect(kept == ["accepted", "in_progress", "in_progress", "completed"])
                #expect(try await network.network.mentions(of: offer).count == 4)
                // What was said without words cannot be given words afterwards: no answer would have them.
                let (other, silent) = try await self.target(for: .accepted, network, agency, door)
                #expect(try await door.accept(silent) == .done)
                let late = try Text.seal("补充", with: .accepted, about: other.number, to: key)
                #expect(try await door.say(late, .accepted, silent) == .referralState)
                #expect(try await network.network.texts(of: other).isEmpty)
            }
        }
    }

    /// A new key becomes current; the one before is still taken, and what is older is not. Older texts open all the same.
    @Test(arguments: Door.allCases) func keysAreReplacedAndTheOneBeforeIsTaken(_ door: Door) async throws {
        try await withDoor(door) { network in
            let first = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let (offer, target) = try await self.target(for: .inProgress, network, agency, door)
                let old = try #require(try await door.networkKey())
                func say(_ key: AgencyNetworkKey) async throws -> DoorResult {
                    let text = try Text.seal("进展", with: .inProgress, about: offer.number, to: key)
                    return try await door.say(text, .inProgress, target)
                }
                #expect(try await say(old) == .done)
                let second = try await network.network.addNetworkKey()
                #expect(try await door.networkKey()?.keyId == second.publicKey.fingerprintText)
                #expect(try await say(old) == .done)
                _ = try await network.network.addNetworkKey(validFrom: Date(timeIntervalSinceNow: 86_400))
                #expect(try await door.networkKey()?.keyId == second.publicKey.fingerprintText, "its day is to come")
                #expect(try await say(old) == .done)
                let pool = network.network.pool
                #expect(try await NetworkKeyStore().retire(second.publicKey.fingerprintText, on: pool))
                #expect(try await door.networkKey()?.keyId == old.keyId)
                #expect(try await NetworkKeyStore().retire(old.keyId, on: pool))
                #expect(try await door.networkKey() == nil)
                #expect(try await say(old) == .unknownKey)
                for text in try await network.network.texts(of: offer) {
                    #expect(try text.open(with: first, offer).text == "进展")
                }
            }
        }
    }

    /// A flood of words is refused with a word, and the answers themselves go on.
    @Test(arguments: Door.allCases) func whatIsKeptOfAReferralIsBounded(_ door: Door) async throws {
        try await withDoor(door) { network in
            _ = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let key = try #require(try await door.networkKey())
                for size in [100, 250_000] {
                    let (offer, target) = try await self.target(for: .inProgress, network, agency, door)
                    try await network.network.pool.execute(
                        Self.flood, offer.referralID, agency.id, Int32(size < 1000 ? 63 : 1), Int32(size))
                    let long = String(repeating: "多", count: size < 1000 ? 1 : 2400)
                    func say() async throws -> DoorResult {
                        try await door.say(
                            try Text.seal(long, with: .inProgress, about: offer.number, to: key), .inProgress, target)
                    }
                    #expect(try await say() == .done)
                    #expect(try await say() == .textQuota, "\(size)")
                    #expect(try await door.progress(offer.number, "in_progress") == .done)
                    #expect(try await door.complete(offer.number, "resolved") == .done)
                }
                // Another referral has its own room.
                let (offer, target) = try await self.target(for: .inProgress, network, agency, door)
                let text = try Text.seal("进展", with: .inProgress, about: offer.number, to: key)
                #expect(try await door.say(text, .inProgress, target) == .done)
            }
        }
    }

    /// Another agency's referral looks absent to who speaks of it, too.
    @Test(arguments: Door.allCases) func nobodySpeaksOfAnothersReferral(_ door: Door) async throws {
        try await withDoor(door) { network in
            _ = try await network.network.addNetworkKey()
            try await network.withAgency("150000-court") { agency, door in
                let (offer, _) = try await self.target(for: .inProgress, network, agency, door)
                try await network.withAgency("150000-police") { _, other in
                    let key = try #require(try await other.networkKey())
                    for target in [offer.number, "R-0000-0000"] {
                        let text = try Text.seal("是我", with: .inProgress, about: target, to: key)
                        #expect(try await other.say(text, .inProgress, target) == .notYours)
                    }
                }
                #expect(try await network.network.texts(of: offer).isEmpty)
            }
        }
    }

    /// While the network has no key it takes no text, and everything else as ever.
    @Test(arguments: Door.allCases) func withoutAKeyThereIsNoText(_ door: Door) async throws {
        try await withDoor(door) { network in
            try await network.withAgency("150000-court") { agency, door in
                #expect(try await door.networkKey() == nil)
                let (offer, target) = try await self.target(for: .inProgress, network, agency, door)
                let text = try forged(
                    key: String(repeating: "a", count: 64), sealed: [UInt8](repeating: 1, count: 60))
                #expect(try await door.say(text, .inProgress, target) == .unknownKey)
                #expect(try await door.complete(offer.number, "resolved") == .done)
            }
        }
    }

    private static let flood = Statement(
        name: "t_text_flood",
        """
        INSERT INTO safeguarding.sealed_text (referral_id, agency_id, status, key_id, digest, size, sealed)
        SELECT $1, $2, 'in_progress', 'k', sha256(n::text::bytea), $4, '\\x01' FROM generate_series(1, $3) AS n
        """)
}
