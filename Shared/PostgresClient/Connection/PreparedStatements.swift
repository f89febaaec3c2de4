import CLibPQ

/// A statement as the server is to know it.
struct Preparation: Equatable, Sendable {
    let serverName: String
    /// 0 where the server infers the type from the text.
    let types: [Oid]
}

/// Which statements a session has prepared, and under which name the server knows each.
///
/// One statement may be prepared several times: its values may come in several types, and a NULL without a type is taken
/// for that of its place, which the next value need not have. When the server has forgotten one (DISCARD ALL, a pooler) or
/// cannot use its plan any more (a migration changed the columns), it is prepared anew under a name that is free for certain.
struct PreparedStatements {
    enum Lookup: Equatable {
        case prepared(as: String)
        case unprepared(Preparation)
        /// The name stands for another text: a mistake of ours, which must not run the wrong statement.
        case nameTaken
    }

    private var known: [String: (sql: String, preparations: [Preparation])] = [:]
    /// Server names given that are not plainly the statement's.
    private var counter = 0
    private var hasForgotten = false

    /// - Parameter types: of the values to send; 0 for a NULL, which is at home in any.
    mutating func find(_ statement: Statement, types: [Oid]) -> Lookup {
        guard let entry = self.known[statement.name] else {
            guard self.hasForgotten else {
                return .unprepared(Preparation(serverName: statement.name, types: types))
            }
            return .unprepared(Preparation(serverName: self.freeName(statement), types: types))
        }
        guard entry.sql == statement.sql else { return .nameTaken }
        for preparation in entry.preparations where preparation.types.count == types.count {
            if zip(preparation.types, types).allSatisfy({ $1 == 0 || $0 == $1 }) {
                return .prepared(as: preparation.serverName)
            }
        }
        // What is known of the others is kept, so that there are few: one more for each that had a value at last.
        let known = entry.preparations.last?.types ?? types
        let merged = zip(known, types).map { $1 == 0 ? $0 : $1 }
        return .unprepared(
            Preparation(
                serverName: self.freeName(statement), types: merged.count == types.count ? merged : types))
    }

    mutating func prepared(_ statement: Statement, _ preparation: Preparation) {
        self.known[statement.name, default: (statement.sql, [])].preparations.append(preparation)
    }

    mutating func forget(_ statement: Statement) {
        self.known[statement.name] = nil
        self.hasForgotten = true
    }

    private mutating func freeName(_ statement: Statement) -> String {
        self.counter += 1
        return "\(statement.name)#\(self.counter)"
    }
}
