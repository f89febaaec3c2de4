/// A test waited for something that did not happen in time.
public struct TestTimeout: Error, CustomStringConvertible {
    public let awaited: String
    public let timeout: Duration

    public var description: String { "waited \(self.timeout) in vain for: \(self.awaited)" }
}
