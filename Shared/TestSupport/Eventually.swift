/// Asks again and again until the answer is yes, and throws `TestTimeout` when it is not yes in time.
///
/// For what only shows by looking, such as a row that another process writes; where the code under test can tell, use a
/// `TestSignal`. An error from the question ends the wait.
///
/// - Parameter awaited: what is waited for, in words; the failure shows it.
public func eventually(
    _ awaited: String = "a condition", timeout: Duration = .seconds(60), every interval: Duration = .milliseconds(20),
    _ question: () async throws -> Bool
) async throws {
    _ = try await eventuallySome(awaited, timeout: timeout, every: interval) { try await question() ? true : nil }
}

/// The same for a value: asks until there is one.
public func eventuallySome<Value>(
    _ awaited: String = "a value", timeout: Duration = .seconds(60), every interval: Duration = .milliseconds(20),
    _ question: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + timeout
    while true {
        if let value = try await question() { return value }
        guard ContinuousClock.now < deadline else { throw TestTimeout(awaited: awaited, timeout: timeout) }
        try await Task.sleep(for: interval)
    }
}
