public import PostgresClient

/// What a login of the SQL door could do, asked of the whole catalogue: the proof that the doctor and the tests share.
public struct PartnerRights: Sendable {
    /// The role that every such login is a member of.
    public static let role = "dandelion_partner"

    public init() {}

    /// What the role reaches beyond the functions of `partner`. Empty, or the door is open too far.
    public func surplus(of role: String, on executor: some PostgresExecutor) async throws -> [String] {
        var found: [String] = []
        for statement in [Self.relations, Self.others] {
            found += try await executor.execute(statement, role).map { try $0.decode(String.self) }
        }
        found += try await executor.execute(Self.unpinned).map { try $0.decode(String.self) }
        return Set(found).sorted()
    }

    /// What PostgreSQL gives every login and this one still has, by class. A superuser can take all of it away, the owner of the
    /// database the temporary tables.
    public func leftovers(of role: String, on executor: some PostgresExecutor) async throws -> [String] {
        Set(try await executor.execute(Self.leftovers, role).map { try $0.decode(String.self) }).sorted()
    }

    /// The logins of agencies that are open. For operators.
    public func logins(on executor: some PostgresExecutor) async throws -> [String] {
        try await executor.execute(Self.logins).map { try $0.decode(String.self) }
    }

    /// Takes from PUBLIC, in the database of the connection, what its login may take. Repeatable.
    package static func closePublic(on connection: PostgresConnection) async throws {
        try await connection.run(script: self.closePublic, name: "close_public")
    }

    /// The script, for whoever runs it by other means.
    package static var closePublic: String { String(decoding: PackageResources.close_public_psql, as: UTF8.self) }
}
