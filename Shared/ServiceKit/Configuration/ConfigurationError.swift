/// A setting that is missing or wrong. Always one line: what is the matter, with which variable, and what to do about it.
///
/// It never holds the value itself, since what was pasted into the wrong variable may be a secret.
/// A service that cannot start because of it ends with exit code 78 (`ExitCode.configuration`).
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The variable (or file) at fault, such as `DANDELION_HTTP_PORT`.
    public let variable: String
    /// What is wrong, continuing the sentence that the variable begins: "is not set".
    public let problem: String
    /// What to do, as an imperative: "set it to a number from 1 to 65535".
    public let remedy: String

    /// Describes what is wrong with a variable and how to repair it.
    public init(variable: String, problem: String, remedy: String) {
        self.variable = variable
        self.problem = problem
        self.remedy = remedy
    }

    /// The one line that is shown to whoever starts the service.
    public var description: String {
        "\(self.variable) \(self.problem); \(self.remedy)"
    }
}
