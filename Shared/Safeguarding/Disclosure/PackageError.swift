/// Why no package was made. It holds nothing of the case.
public enum PackageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No profile has this name.
    case unknownProfile(String)
    /// A field that would be disclosed names the place where a person stays (S21).
    case shelterLocation(field: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .unknownProfile(let name): "there is no disclosure profile named \(name); correct the routing rule"
        case .shelterLocation(let field): "the field \(field) names the place where a person stays; take it out"
        }
    }
}
