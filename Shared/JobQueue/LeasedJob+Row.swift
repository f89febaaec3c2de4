import FoundationEssentials
package import JobTypes
import PostgresClient

extension LeasedJob {
    /// From a row of `queue.claim` or `queue.lease_by_alias`.
    init(row: PostgresRow) throws {
        let (
            id, alias, kind, arguments, attempt, maximumAttempts, epoch, number, leaseAlias, expiresAt, createdAt,
            priority, position, isLimited
        ) =
            try row.decode(
                (Int64, UUID, String, PostgresJSON, Int32, Int32, Int32, Int64, UUID, Date?, Date, Int32, Int64, Bool)
                    .self)
        self.init(
            id: JobID(id), alias: alias, kind: JobKind(rawValue: kind), arguments: arguments, attempt: Int(attempt),
            maximumAttempts: Int(maximumAttempts), token: FencingToken(epoch: epoch, number: number),
            leaseAlias: leaseAlias, leaseExpiresAt: expiresAt, createdAt: createdAt, priority: Int(priority),
            position: position, isLimited: isLimited)
    }

    /// A lease of which only the token is known, as a client in another language would send it.
    package init(id: JobID, token: FencingToken) {
        self.init(
            id: id, alias: UUID(), kind: JobKind(rawValue: ""), arguments: PostgresJSON(text: "{}"), attempt: 1,
            maximumAttempts: 1, token: token, leaseAlias: UUID(), leaseExpiresAt: nil, createdAt: Date(), priority: 4,
            position: 0, isLimited: false)
    }

    var tokenParameters: [(any PostgresEncodable)?] {
        [self.id.rawValue, self.token.epoch, self.token.number]
    }

    /// Of a batch.
    static func tokenParameters(_ jobs: [LeasedJob]) -> [(any PostgresEncodable)?] {
        [jobs.map(\.id.rawValue), jobs.map(\.token.epoch), jobs.map(\.token.number)]
    }
}
