/// Something an agency or a studio can do that not every agency of its kind can, such as `child_interview` or
/// `mongolian_language`. Data decides which exist.
public struct AgencyServiceCode: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
