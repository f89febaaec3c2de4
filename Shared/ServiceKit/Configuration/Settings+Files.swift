import Configuration

extension Settings {
    /// A secret: the content of the file that `<variable>_FILE` names (trailing line ends removed), or else the
    /// variable's own value; nil when neither is set. Containers mount secrets as files, and a file does not show up
    /// in a process listing.
    /// - Throws: `ConfigurationError` when both are set, or the file cannot be read or is empty.
    public func secret(_ variable: String) throws(ConfigurationError) -> String? {
        let fileVariable = variable + "_FILE"
        guard self.string(fileVariable) != nil else { return self.string(variable) }
        guard self.string(variable) == nil else {
            throw ConfigurationError(
                variable: variable, problem: "and \(fileVariable) are both set", remedy: "remove one of them")
        }
        var bytes = try self.requiredFile(fileVariable, remedy: "")
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw ConfigurationError(
                variable: fileVariable, problem: "names a file that is empty or not text",
                remedy: "write the secret into it")
        }
        return text
    }

    /// A secret that must be given, in the variable or in the file that `<variable>_FILE` names.
    public func requiredSecret(_ variable: String, remedy: String) throws(ConfigurationError) -> String {
        guard let value = try self.secret(variable) else {
            throw ConfigurationError(
                variable: variable, problem: "is not set (nor is \(variable)_FILE)", remedy: remedy)
        }
        return value
    }

    /// The content of the file that a variable names, for keys and other material of at most 1 MiB.
    /// - Parameter remedy: what to set the variable to, for when it is not set.
    public func requiredFile(_ variable: String, remedy: String) throws(ConfigurationError) -> [UInt8] {
        let path = try self.requiredString(variable, remedy: remedy)
        do throws(SmallFile.Failure) {
            return try SmallFile.read(path, limit: 1 << 20)
        } catch {
            throw ConfigurationError(
                variable: variable, problem: error.problem, remedy: "create it, or let the variable name the right file"
            )
        }
    }

    /// The YAML file as a provider. Its parser's messages quote lines of the file, so only the position is told.
    static func fileProvider(_ path: String) async throws(ConfigurationError) -> any ConfigProvider {
        do throws(SmallFile.Failure) {
            _ = try SmallFile.read(path, limit: 1 << 20)
        } catch {
            throw ConfigurationError(
                variable: "DANDELION_CONFIG", problem: error.problem,
                remedy: "create it, or remove the variable to use the environment alone")
        }
        let location = ConfigReader(
            provider: InMemoryProvider(values: [["filePath"]: ConfigValue(.string(path), isSecret: false)]))
        do {
            return try await FileProvider<YAMLSnapshot>(config: location)
        } catch {
            throw ConfigurationError(
                variable: "DANDELION_CONFIG",
                problem: "names a file that is not a YAML mapping\(Self.position(in: "\(error)"))",
                remedy: "correct the file")
        }
    }

    /// `3:14: error: …` gives " (line 3)"; anything else gives nothing.
    private static func position(in message: String) -> String {
        let parts = message.split(separator: ":", maxSplits: 2)
        guard parts.count == 3, let line = Int(parts[0]), Int(parts[1]) != nil else { return "" }
        return " (line \(line))"
    }
}
