import FoundationEssentials
import JobTypes
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

    var tokenParameters: [(any PostgresEncodable)?] {
        [self.id.rawValue, self.token.epoch, self.token.number]
    }
}
