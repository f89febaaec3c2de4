import AgencyDoors
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// What an agency's own login can do with texts, and what becomes of them in the database.
@Suite struct PartnerTextTests {
    /// A referral that the agency has accepted, with the network's key; what is sealed to it opens with the pair.
    private func accepted(
        _ network: DoorFixture, _ agency: DoorFixture.Agency
    ) async throws -> (offer: DoorFixture.Offer, keys: AgencyKeyPair) {
        let keys = try AgencyKeyPair.generate()
        let signed = try SignedNetworkKey(
            NetworkKeyStatement(key: keys.publicKey, validFrom: Date(timeIntervalSince1970: 1_700_000_000)),
            signedBy: .generate())
        try #require(await NetworkKeyStore().add(signed, on: network.database.pool) == .done)
        let offer = try await network.offer(to: agency)
        try await network.asAgency(agency) { pool async throws in
            let lease = try #require(await pool.lease().first).lease
            #expect(try await pool.word(PartnerCalls.accept, lease) == "done")
        }
        return (offer, keys)
    }

    private func seal(
        _ text: String, _ keys: AgencyKeyPair, _ agency: DoorFixture.Agency, _ offer: DoorFixture.Offer
    ) throws -> [UInt8] {
        try SealedText.seal(
            text, to: keys.publicKey,
            binding: .init(referral: offer.number, agencyID: agency.id, status: "in_progress")
        ).bytes
    }

    /// Lists as a hostile system sends them: each is refused as a word, none breaks anything.
    @Test(arguments: [
        "null", "1", "\"she said\"", "{}", "[]", "[1]", "[null]", "[[]]", "[{}]", #"[{"sha256":"x"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1,"location":"L","name":"李某.pdf"}]"#,
        #"[{"sha256":"D","media_type":"application/x-sh","bytes":1,"location":"L"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":-1,"location":"L"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1e300,"location":"L"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":"1","location":"L"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1,"location":"https://a.example/li-mou"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1,"location":"L="}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1,"location":"LLLLLLLLLLLLLLLLLL"}]"#,
        #"[{"sha256":["D"],"media_type":"application/pdf","bytes":1,"location":"L"}]"#,
        #"[{"sha256":"D","media_type":"application/pdf","bytes":1,"location":["L"]}]"#,
    ])
    func aListThatIsNoneIsRefused(_ list: String) async throws {
        let location = Data([UInt8](repeating: 1, count: 99)).base64EncodedString()
        let json = list.replacing("L", with: location).replacing("D", with: String(repeating: "0", count: 64))
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let (offer, keys) = try await self.accepted(network, agency)
            try await network.asAgency(agency) { pool async throws in
                let word = try await pool.word(
                    Self.progress, offer.number, keys.publicKey.fingerprintText,
                    try self.seal("好", keys, agency, offer), PostgresJSON(text: json))
                // Nothing is no list, and no fault.
                #expect(word == "bad_text", "\(list)")
            }
            #expect(try await network.count(Self.texts, offer) == 0)
        }
    }

    @Test func theBytesStandAsTheyCameAndOnlyTheirEndChangesThem() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let (offer, keys) = try await self.accepted(network, agency)
            let bytes = try self.seal("她已搬走", keys, agency, offer)
            try await network.asAgency(agency) { pool async throws in
                let word = try await pool.word(
                    Self.progress, offer.number, keys.publicKey.fingerprintText, bytes, Optional<PostgresJSON>.none)
                #expect(word == "done")
                for attempt in Self.forbidden {
                    let error = await #expect(throws: PostgresError.self) { _ = try await pool.execute(attempt) }
                    #expect(error?.sqlState == "42501", "\(attempt.name)")
                }
            }
            // Whoever owns the database, too, is told: what was sent is not exchanged, nor taken away.
            for attempt in Self.changes {
                let error = await #expect(throws: PostgresError.self) { _ = try await database.pool.execute(attempt) }
                #expect(error?.sqlState == "DC100", "\(attempt.name)")
            }
            // The ledger's entry of the report holds the digest, for the agency to see.
            let entry = try await database.pool.withTransaction("entry") { transaction in
                try await transaction.execute(Self.ledgersPath)
                return try #require(await transaction.execute(Self.mention, offer.id).first)
            }
            let digest = try #require(await database.pool.execute(Self.digest, bytes).first)
            #expect(try entry.decode(String.self) == digest.decode(String.self))
            // Erased, nothing of it is left, and nothing comes any more.
            try await database.pool.execute(Self.close, offer.caseID)
            #expect(try await database.pool.execute(Self.anonymise).count == 1)
            #expect(try await network.count(Self.bytesLeft, offer) == 0)
            #expect(try await network.count(Self.texts, offer) == 1)
            try await network.asAgency(agency) { pool async throws in
                let word = try await pool.word(
                    Self.progress, offer.number, keys.publicKey.fingerprintText,
                    try self.seal("又及", keys, agency, offer), Optional<PostgresJSON>.none)
                #expect(word == "referral_state")
                #expect(try await pool.word(PartnerCalls.progress, offer.number, "in_progress") == "done")
            }
        }
    }

    /// Words and the end of the case's time at one moment: whoever comes first, nothing of people stays behind, and nobody waits.
    @Test func whatIsSaidWhileTheCaseEndsIsNotLeftBehind() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let (offer, keys) = try await self.accepted(network, agency)
            let say: (any PostgresExecutor) async throws -> String = { executor in
                try await executor.word(
                    Self.progress, offer.number, keys.publicKey.fingerprintText,
                    try self.seal("又及", keys, agency, offer), Optional<PostgresJSON>.none)
            }
            try await database.pool.execute(Self.close, offer.caseID)
            try await network.asAgency(agency) { pool async throws in
                try await pool.withTransaction("held") { transaction async throws in
                    #expect(try await say(transaction) == "done")
                    #expect(try await database.pool.execute(Self.anonymise).isEmpty, "for the next sweep")
                }
                #expect(try await network.count(Self.texts, offer) == 1)
                // One that saw the case as it was, and speaks when it is over.
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withTransaction("old_snapshot") { transaction async throws in
                        try await transaction.execute(Self.oldSnapshot)
                        _ = try await transaction.execute(PartnerCalls.referrals)
                        #expect(try await database.pool.execute(Self.anonymise).count == 1)
                        _ = try await say(transaction)
                    }
                }
                #expect(error?.sqlState == "40001")
                #expect(try await say(pool) == "referral_state")
            }
            #expect(try await network.count(Self.bytesLeft, offer) == 0)
            #expect(try await network.count(Self.texts, offer) == 1)
        }
    }

    /// Two transactions: who reads is on the record before the bytes are given, and a record of one's own transaction opens nothing.
    @Test func aReadingIsRecordedBeforeTheBytesLeave() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("court")
            let (offer, keys) = try await self.accepted(network, agency)
            let bytes = try self.seal("她已搬走", keys, agency, offer)
            try await network.asAgency(agency) { pool async throws in
                _ = try await pool.word(
                    Self.progress, offer.number, keys.publicKey.fingerprintText, bytes, Optional<PostgresJSON>.none)
            }
            try await database.pool.execute(Self.staff)
            let row = try #require(await database.pool.execute(Self.number, offer.caseID).first)
            let number = try row.decode(String.self)
            try await database.withPool(user: "dandelion_operator_login") { pool async throws in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withTransaction("both") { transaction in
                        let request = try #require(
                            await transaction.execute(Self.ask, number, "S-017", "handling").first
                        ).decode(Int64.self)
                        _ = try await transaction.execute(Self.read, request)
                    }
                }
                #expect(error?.sqlState == "DC101")
                let request = try #require(await pool.execute(Self.ask, number, "S-017", "handling").first)
                    .decode(Int64.self)
                let read = try await pool.execute(Self.read, request)
                #expect(try read.map { try $0.decode([UInt8].self) } == [bytes])
                // Who may not, and for no reason.
                for (staff, reason, state) in [
                    ("S-018", "handling", "DC041"), ("S-999", "handling", "DC040"), ("S-017", "curiosity", "23514"),
                ] {
                    let error = await #expect(throws: PostgresError.self) {
                        _ = try await pool.execute(Self.ask, number, staff, reason)
                    }
                    #expect(error?.sqlState == state, "\(staff) \(reason)")
                }
                let unknown = await #expect(throws: PostgresError.self) { _ = try await pool.execute(Self.read, 1) }
                #expect(unknown?.sqlState == "DC101")
            }
            let event = try #require(await database.pool.execute(Self.readings, offer.caseID).first)
            let (count, isEntry) = try event.decode((Int64, Bool).self)
            #expect(count == 1 && isEntry)
        }
    }
}

extension PartnerTextTests {
    private static let progress = Statement(
        name: "text_progress", "SELECT partner.progress($1, 'in_progress', $2, $3, $4)")
    private static let texts = Statement(
        name: "text_count", "SELECT count(*) FROM safeguarding.sealed_text WHERE referral_id = $1::uuid")
    private static let bytesLeft = Statement(
        name: "text_bytes",
        """
        SELECT count(*) FROM safeguarding.sealed_text WHERE referral_id = $1::uuid
            AND (sealed IS NOT NULL OR attachments IS NOT NULL OR erased_at IS NULL)
        """)
    private static let forbidden = [
        Statement(name: "text_theirs", "SELECT count(*) FROM safeguarding.sealed_text"),
        Statement(name: "text_keys", "SELECT count(*) FROM safeguarding.network_key"),
        Statement(name: "text_ask", "SELECT * FROM casework.ask_texts('C-0000-0000', 'S-017', 'handling')"),
        Statement(name: "text_read", "SELECT * FROM casework.read_texts(1)"),
        Statement(name: "text_add", "SELECT safeguarding.add_network_key('\\x00', now(), '\\x00')"),
        Statement(name: "text_keep", "SELECT door.sent('k', '\\x01', NULL, NULL)"),
    ]
    private static let changes = [
        Statement(name: "text_exchange", "UPDATE safeguarding.sealed_text SET sealed = '\\x01'"),
        Statement(name: "text_move", "UPDATE safeguarding.sealed_text SET referral_id = gen_random_uuid()"),
        Statement(
            name: "text_move_end",
            """
            UPDATE safeguarding.sealed_text SET sealed = NULL, attachments = NULL, erased_at = now(), status = 'completed'
            """),
        Statement(name: "text_remove", "DELETE FROM safeguarding.sealed_text"),
        Statement(name: "text_truncate", "TRUNCATE safeguarding.sealed_text"),
    ]
    private static let ledgersPath = Statement(name: "text_ledgers_path", "SET LOCAL search_path = ledger")
    private static let mention = Statement(
        name: "text_mention",
        """
        SELECT (c.head || c.tail)::jsonb ->> 'text' FROM casework.event AS e CROSS JOIN LATERAL ledger.contents('event', ARRAY[e.id]) AS c
        WHERE e.referral_id = $1 AND e.kind = 'referral_in_progress'
        """)
    private static let digest = Statement(name: "text_digest", "SELECT encode(sha256($1), 'hex')")
    /// As the sweep does with a closed case, whose agency is not done yet.
    private static let anonymise = Statement(
        name: "text_anonymise", "SELECT casework.anonymise_cases('1 day', 10)")
    private static let oldSnapshot = Statement(
        name: "text_old_snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    private static let close = Statement(
        name: "text_close",
        """
        WITH closed AS (
            UPDATE casework.clock SET state = 'met' WHERE case_id = $1
        ), over AS (
            UPDATE casework.cases SET status = 'closed', closed_at = now() - interval '9 years' WHERE id = $1
        ) SELECT 1
        """)
    private static let staff = Statement(
        name: "text_staff",
        """
        INSERT INTO casework.staff (id, roles, divisions, capacity)
        VALUES ('S-017', '{caseworker}', '{150000}', 9), ('S-018', '{auditor}', '{150000}', 9)
        """)
    private static let number = Statement(name: "text_number", "SELECT number FROM casework.cases WHERE id = $1")
    private static let ask = Statement(name: "text_asked", "SELECT request FROM casework.ask_texts($1, $2, $3)")
    private static let read = Statement(name: "text_opened", "SELECT sealed FROM casework.read_texts($1)")
    private static let readings = Statement(
        name: "text_readings",
        """
        SELECT count(*), bool_and(casework.is_ledger_entry(kind) AND actor = 'S-017' AND data ->> 'reason' = 'handling')
        FROM casework.event WHERE case_id = $1 AND kind = 'text_read'
        """)
}
