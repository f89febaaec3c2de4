import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// What is committed to: the text of a JSON object as PostgreSQL writes jsonb, whatever stands in the rows. It is put together
/// from pieces; here it is made by way of jsonb, and the two must be the same bytes.
@Suite struct EntryTextTests {
    /// Words that break whoever quotes carelessly.
    private static let words = [
        "plain", #"a "quoted" one"#, #"back\slash \u0041 \"#, "line\nbreak\r\ttab", "蒲公英 🌼 ᠮᠣᠩᠭᠣᠯ", "\u{1}\u{1f}\u{7f}",
        "'; --", "",
        #"{"v": 2}"#, ", \"sealed\": \"x\"", "</script>&amp;",
    ]

    @Test func theTextIsThatOfTheObject() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            for word in Self.words {
                for kind in ["referral_leased", "case_opened"] {
                    try await ledger.pool.execute(
                        Self.event, referral.caseID, kind == "case_opened" ? nil : referral.id, kind, word)
                }
                try await ledger.pool.execute(Self.disclosure, referral.id, referral.agency, word)
                try await ledger.pool.execute(Self.disclosure, UUID(), UUID(), word)
            }
            try await ledger.pool.execute(Self.erasures)
            let row = try #require(await ledger.pool.execute(Self.compared).first)
            let (events, disclosures, erasures, equal, ordered) = try row.decode(
                (Int64, Int64, Int64, Int64, Bool).self)
            #expect(
                events == Int64(Self.words.count) * 10 && disclosures == Int64(Self.words.count) * 2 && erasures == 3)
            #expect(equal == events + disclosures + erasures)
            #expect(ordered, "in the order in which they are asked for")
        }
    }

    /// What stands in the log is SHA-256 of the nonce and of that text, and the export shows the text.
    @Test func theLogHoldsTheHashOfTheText() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            for word in Self.words {
                try await ledger.pool.execute(Self.event, referral.caseID, referral.id, "referral_leased", word)
                try await ledger.pool.execute(Self.disclosure, referral.id, referral.agency, word)
            }
            #expect(try await ledger.signer(batch: 11).round().taken == Self.words.count * 6)
            let row = try #require(await ledger.pool.execute(Self.bound).first)
            let (bound, nonces) = try row.decode((Int64, Int64).self)
            #expect(bound == Int64(Self.words.count) * 6 && nonces == bound, "each its own nonce")
            #expect(try ledger.report(try await ledger.export()).problems == [])
        }
    }

    /// The same word wherever one can stand; five events, of which one says nothing and two what they must not.
    private static let event = Statement(
        name: "test_text_event",
        """
        INSERT INTO casework.event (case_id, referral_id, kind, actor_kind, actor, rule_version, data)
        SELECT $1, $2, $3, a.kind, $4, a.version, a.data FROM (VALUES
            ('agency', NULL::bigint, jsonb_build_object('lease', $4::text, 'reason', $4::text, 'text', $4::text,
                'outcome', jsonb_build_array($4::text, 1.50, NULL, true), $4::text, 1)),
            ('service', 9007199254740993, jsonb_build_object('reason', $4::text, 'outcome', NULL)),
            ('staff', 0, '{}'),
            -- No object, which no function writes: it stops nobody's entries.
            ('staff', 0, '["text"]'), ('staff', 0, '"text"')) AS a (kind, version, data)
        """)
    private static let disclosure = Statement(
        name: "test_text_disclosure",
        """
        INSERT INTO safeguarding.disclosure (referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by,
            key_fingerprint)
        VALUES ($1, $2, $3, ARRAY[$3, 'phone', NULL, $3], $3, $3, $3, nullif(sha256(convert_to($3, 'UTF8')), sha256('plain')))
        """)
    private static let erasures = Statement(
        name: "test_text_erasures",
        "INSERT INTO ledger.erasure (positions) VALUES (NULL), ('{}'), ('{0,9223372036854775807}')")

    /// As the object is described in deploy/decisions/0016-ledger.md.
    private static let compared = Statement(
        name: "test_text_compared",
        """
        WITH wanted (source, ids) AS (
            VALUES ('event', ARRAY(SELECT id FROM casework.event ORDER BY id DESC)),
                ('disclosure', ARRAY(SELECT number FROM safeguarding.disclosure ORDER BY id)),
                ('erasure', ARRAY(SELECT id FROM ledger.erasure ORDER BY id))
        ), described (source, id, shared, sealed) AS (
            SELECT 'event', e.id,
                jsonb_build_object('v', 1, 'kind', e.kind, 'at', (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
                    'agency', a.code, 'referral', r.number, 'lease', e.data -> 'lease', 'outcome', e.data -> 'outcome',
                    'reason', CASE WHEN e.actor_kind = 'agency' THEN e.data -> 'reason' END)
                    || CASE WHEN e.data ? 'text' THEN jsonb_build_object('text', e.data -> 'text') ELSE '{}' END,
                jsonb_build_object('event', e.id, 'actor_kind', e.actor_kind, 'actor', e.actor,
                    'rule_version', e.rule_version, 'data', e.data, 'role', e.database_role, 'case', e.case_id)
            FROM casework.event AS e LEFT JOIN casework.referral AS r ON r.id = e.referral_id
            LEFT JOIN casework.agency AS a ON a.id = r.agency_id
            UNION ALL
            SELECT 'disclosure', d.number,
                jsonb_build_object('v', 1, 'kind', 'disclosure',
                    'at', (extract(epoch FROM d.recorded_at) * 1000000)::bigint, 'agency', a.code,
                    'referral', r.number, 'disclosure', d.id, 'profile', d.profile, 'fields', d.fields,
                    'purpose', d.purpose, 'basis', d.legal_basis, 'by', d.requested_by,
                    'key', encode(d.key_fingerprint, 'hex')),
                jsonb_build_object('number', d.number, 'referral', d.referral_id, 'agency', d.agency_id,
                    'role', d.database_role, 'case', coalesce(r.case_id, d.referral_id))
            FROM safeguarding.disclosure AS d LEFT JOIN casework.referral AS r ON r.id = d.referral_id
            LEFT JOIN casework.agency AS a ON a.id = d.agency_id
            UNION ALL
            SELECT 'erasure', e.id,
                jsonb_build_object('v', 1, 'kind', 'erased', 'at', (extract(epoch FROM e.requested_at) * 1000000)::bigint,
                    'positions', e.positions), NULL
            FROM ledger.erasure AS e
        )
        SELECT count(*) FILTER (WHERE w.source = 'event'), count(*) FILTER (WHERE w.source = 'disclosure'),
            count(*) FILTER (WHERE w.source = 'erasure'),
            count(*) FILTER (WHERE c.sealed IS NOT DISTINCT FROM d.sealed::text
                AND ledger.entry_text('\\x01', c.head, c.tail, c.sealed) = (d.shared || jsonb_build_object('sealed',
                    encode(sha256('\\x01' || convert_to(d.sealed::text, 'UTF8')), 'hex')))::text),
            bool_and(w.ids[c.place] = c.id)
        FROM wanted AS w CROSS JOIN LATERAL ledger.contents(w.source, w.ids) AS c
        LEFT JOIN described AS d ON d.source = w.source AND d.id = c.id
        """)
    private static let bound = Statement(
        name: "test_text_bound",
        """
        SELECT count(*) FILTER (WHERE n.commitment = sha256(n.nonce || convert_to(p.shared, 'UTF8')) AND p.state = 'open'
            AND length(n.nonce) = 32), count(DISTINCT n.nonce)
        FROM ledger.entry AS n JOIN ledger.page(0, 1000, NULL) AS p ON p.pos = n.position
        """)
}
