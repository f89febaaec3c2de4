import CLibPQ

/// The keywords a connection is opened with: the caller's DSN and what this library adds.
struct ConnectionParameters: Sendable {
    private let keywords: [(String, String)]

    /// - Throws: `PostgresError.misuse` when the DSN cannot be parsed.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        var given: [String: String] = [:]
        guard let options = PQconninfoParse(configuration.dsn, nil) else {
            throw PostgresError(.misuse, detail: "the connection string cannot be parsed")
        }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option = option.advanced(by: 1)
        }
        PQconninfoFree(options)

        var keywords: [(String, String)] = [
            ("dbname", configuration.dsn),
            ("application_name", configuration.applicationName),
            ("client_encoding", "UTF8"),
        ]
        // A half-open link must be noticed in seconds, not after the kernel's two hours.
        for (keyword, value) in [
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
        ] where given[keyword] == nil {
            keywords.append((keyword, value))
        }
        // A pooler in transaction mode refuses start-up options; there the limits are the role's.
        if configuration.preparesStatements {
            var settings = given["options"].map { [$0] } ?? []
            if let limit = configuration.statementTimeout {
                settings.append("-c statement_timeout=\(Self.milliseconds(limit))")
            }
            if let limit = configuration.lockTimeout {
                settings.append("-c lock_timeout=\(Self.milliseconds(limit))")
            }
            keywords.append(("options", settings.joined(separator: " ")))
        }
        self.keywords = keywords
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        max(1, PostgresInterval(duration).microseconds / 1000)
    }

    /// Resolves names and starts connecting. Can block: not for the reactor.
    func start() -> OpaquePointer? {
        var names: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        var copies: [UnsafeMutablePointer<CChar>] = []
        defer { for copy in copies { copy.deallocate() } }
        func copy(_ text: String) -> UnsafePointer<CChar> {
            let bytes = Array(text.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            copy.initialize(from: bytes, count: bytes.count)
            copies.append(copy)
            return UnsafePointer(copy)
        }
        for (keyword, value) in self.keywords {
            names.append(copy(keyword))
            values.append(copy(value))
        }
        names.append(nil)
        values.append(nil)
        return PQconnectStartParams(names, values, 1)
    }
}
