package import PostgresClient

extension LedgerStore {
    static let lead = Statement(name: "ledger_lead", "SELECT ledger.lead($1, $2)")
    static let resign = Statement(name: "ledger_resign", "SELECT ledger.resign($1)")
    static let head = Statement(
        name: "ledger_head", "SELECT size, last_commitment, signed_size, note FROM ledger.head()")
    static let sequence = Statement(
        name: "ledger_sequence", "SELECT pos, commitment FROM ledger.sequence($1, $2, $3, $4)")
    static let commitments = Statement(
        name: "ledger_commitments", "SELECT pos, commitment FROM ledger.commitments($1, $2)")
    static let publish = Statement(
        name: "ledger_publish", "SELECT ledger.publish($1, $2, $3, $4, $5, $6, $7, $8)")
    static let tileHashes = Statement(name: "ledger_tile_hashes", "SELECT ledger.tile_hashes($1, $2)")
    static let latestCheckpoint = Statement(name: "ledger_latest_checkpoint", "SELECT ledger.latest_checkpoint()")
    static let checkpointsAfter = Statement(
        name: "ledger_checkpoints_after", "SELECT size, note FROM ledger.checkpoints_after($1, $2)")
    static let page = Statement(
        name: "ledger_page",
        "SELECT pos, commitment, state, nonce, shared, sealed FROM ledger.page($1, $2, $3)")
    static let strays = Statement(name: "ledger_strays", "SELECT source, id FROM ledger.strays($1)")
    static let locate = Statement(name: "ledger_locate", "SELECT pos, kind FROM ledger.locate($1, $2)")
    static let erase = Statement(name: "ledger_erase", "SELECT ledger.erase($1)")
    static let health = Statement(
        name: "ledger_health",
        "SELECT size, signed_size, published_at, is_led, waiting_since FROM ledger.health()")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        lead, resign, head, sequence, commitments, publish, tileHashes, latestCheckpoint, checkpointsAfter, page,
        strays, locate, health, erase,
    ]
}
