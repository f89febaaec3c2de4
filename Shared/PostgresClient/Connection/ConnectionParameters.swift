import CLibPQ

/// The keywords a connection is opened with: the caller's DSN and what this library adds.
struct ConnectionParameters: Sendable {
    /// One host of the DSN, or all of them where the choice must be libpq's.
    struct Target: Sendable {
        fileprivate(set) var keywords: [(String, String)]
    }

    let targets: [Target]

    /// - Throws: `PostgresError.misuse` when the DSN cannot be parsed.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        guard let options = PQconninfoParse(configuration.dsn, nil) else {
            throw PostgresError(.misuse, detail: "the connection string cannot be parsed")
        }
        // What the DSN leaves out may come from `PG*` variables.
        let given = Self.take(PQconndefaults()).merging(Self.take(options)) { $1 }

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
            var settings = [given["options"]].compactMap { $0 }
            if let limit = configuration.statementTimeout {
                settings.append("-c statement_timeout=\(Self.milliseconds(limit))")
            }
            if let limit = configuration.lockTimeout {
                settings.append("-c lock_timeout=\(Self.milliseconds(limit))")
            }
            if let limit = configuration.idleInTransactionTimeout {
                settings.append("-c idle_in_transaction_session_timeout=\(Self.milliseconds(limit))")
            }
            // The other end too: a machine that vanished in the middle of a transaction must not hold its locks for hours.
            for (name, value) in [("idle", 10), ("interval", 5), ("count", 3)] {
                settings.append("-c tcp_keepalives_\(name)=\(value)")
            }
            keywords.append(("options", settings.joined(separator: " ")))
        }
        self.targets = Self.hosts(given).map { Target(keywords: keywords + $0) }
    }

    /// Host by host: libpq leaves a host that does not answer only in its blocking calls, and one that was switched off
    /// never answers. What to prefer among all hosts it must decide itself.
    private static func hosts(_ given: [String: String]) -> [[(String, String)]] {
        let lists = ["host", "hostaddr", "port"].compactMap { keyword in
            given[keyword].map {
                (keyword, $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
            }
        }
        let count = lists.map(\.1.count).max() ?? 1
        let isPlain = lists.allSatisfy { keyword, values in
            (values.count == count || (keyword == "port" && values.count == 1)) && !values.contains("")
        }
        guard count > 1, isPlain, given["service"] == nil, given["target_session_attrs"] != "prefer-standby" else {
            return [[]]
        }
        return (0..<count).map { index in
            lists.map { keyword, values in (keyword, values.count == 1 ? values[0] : values[index]) }
        }
    }

    /// The options that have a value; frees the list.
    private static func take(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        var values: [String: String] = [:]
        guard let options else { return values }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option = option.advanced(by: 1)
        }
        PQconninfoFree(options)
        return values
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        max(1, PostgresInterval(duration).microseconds / 1000)
    }
}

extension ConnectionParameters.Target {
    /// Resolves names and starts connecting. Can block.
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
