import Configuration

/// Settings of a process, read by the name of their environment variable.
///
/// The environment comes first, then the YAML file that `DANDELION_CONFIG` names. In the file every part of the name
/// is a level: `DANDELION_HTTP_PORT` is `port` under `http`. An empty value counts as not set, because that is what
/// compose files make of an absent variable. Every complaint is a ``ConfigurationError`` that names the variable.
public struct Settings: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let reader: ConfigReader

    /// Nothing of the values: some are secrets.
    public var description: String { "Settings" }
    /// Nothing of the values: some are secrets.
    public var debugDescription: String { self.description }

    /// Reads the environment, and the file named by `DANDELION_CONFIG` when it is set.
    /// - Throws: `ConfigurationError` when that file is missing, unreadable or not YAML.
    public init(environment: [String: String]) async throws(ConfigurationError) {
        let ours = environment.filter { $0.key.hasPrefix("DANDELION_") && !$0.value.isEmpty }
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(with: ["dandelion"])
        ]
        if let path = ours["DANDELION_CONFIG"] {
            providers.append(try await Self.fileProvider(path))
        }
        self.reader = ConfigReader(providers: providers)
    }

    /// The value, or nil when it is not set.
    public func string(_ variable: String) -> String? {
        guard let value = self.reader.string(forKey: Self.key(variable)), !value.isEmpty else { return nil }
        return value
    }

    /// The value of a setting that has no default.
    /// - Parameter remedy: what to set it to, as an imperative.
    public func requiredString(_ variable: String, remedy: String) throws(ConfigurationError) -> String {
        guard let value = self.string(variable) else {
            throw ConfigurationError(variable: variable, problem: "is not set", remedy: remedy)
        }
        return value
    }

    /// A whole number within a range, or the default when it is not set.
    public func integer(
        _ variable: String, default defaultValue: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int {
        guard let text = self.string(variable) else { return defaultValue }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError(
                variable: variable, problem: "is not a whole number from \(range.lowerBound) to \(range.upperBound)",
                remedy: "set it to one, or remove it for the default \(defaultValue)")
        }
        return value
    }

    /// A number of whole seconds, or the default when it is not set.
    public func seconds(
        _ variable: String, default defaultValue: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Duration {
        .seconds(try self.integer(variable, default: defaultValue, in: range))
    }

    /// `true`, `yes`, `on`, `1`, or their opposites; the default when it is not set.
    public func boolean(_ variable: String, default defaultValue: Bool) throws(ConfigurationError) -> Bool {
        guard let text = self.string(variable) else { return defaultValue }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            throw ConfigurationError(
                variable: variable, problem: "is neither true nor false", remedy: "set it to true or false")
        }
    }

    /// One of a fixed set of words, or the default when it is not set.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ variable: String, default defaultValue: Choice
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        guard let text = self.string(variable) else { return defaultValue }
        guard let value = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(
                variable: variable, problem: "has a value that is not known", remedy: "set it to one of: \(words)")
        }
        return value
    }

    /// `DANDELION_HTTP_PORT` becomes `http.port`: one level for each part of the name.
    private static func key(_ variable: String) -> ConfigKey {
        precondition(variable.hasPrefix("DANDELION_"), "every setting's name begins with DANDELION_")
        return ConfigKey(variable.dropFirst("DANDELION_".count).split(separator: "_").map { $0.lowercased() })
    }
}
