/// The arguments of one kind of job: ids only, never personal data (they are stored in clear and shown to operators).
public protocol JobArguments: Codable, Sendable {
    /// The kind these arguments belong to.
    static var kind: JobKind { get }
}
