/// Which statements a session has prepared, and under which name the server knows each.
///
/// The names are ours as long as nothing goes wrong. When the server has forgotten one (DISCARD ALL, a pooler) or cannot
/// use its plan any more (a migration changed the columns), the next is prepared under a new name, which is free for
/// certain.
struct PreparedStatements {
    enum Lookup: Equatable {
        case prepared(as: String)
        case unprepared(as: String)
        /// The name stands for another text: a mistake of ours, which must not run the wrong statement.
        case nameTaken
    }

    private var known: [String: (sql: String, serverName: String)] = [:]
    private var generation = 0

    func find(_ statement: Statement) -> Lookup {
        guard let known = self.known[statement.name] else { return .unprepared(as: self.serverName(statement)) }
        return known.sql == statement.sql ? .prepared(as: known.serverName) : .nameTaken
    }

    mutating func prepared(_ statement: Statement) {
        self.known[statement.name] = (statement.sql, self.serverName(statement))
    }

    mutating func forget(_ statement: Statement) {
        self.known[statement.name] = nil
        self.generation += 1
    }

    private func serverName(_ statement: Statement) -> String {
        self.generation == 0 ? statement.name : "\(statement.name)#\(self.generation)"
    }
}
