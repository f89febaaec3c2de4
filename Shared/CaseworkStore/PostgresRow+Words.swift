import PostgresClient

extension PostgresRow {
    /// A word of the domain in a text column.
    func word<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self, column: String) throws -> Word {
        let text: String = try self.decode(column: column)
        guard let word = Word(rawValue: text) else {
            throw CaseworkError(code: .unreadableRow, place: column)
        }
        return word
    }

    /// Words in a column of type `text[]`.
    func words<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self, column: String) throws -> [Word] {
        try self.decode([String].self, column: column).map { text in
            guard let word = Word(rawValue: text) else { throw CaseworkError(code: .unreadableRow, place: column) }
            return word
        }
    }

    /// The same where the column may be null.
    func optionalWord<Word: RawRepresentable<String>>(
        _ type: Word.Type = Word.self, column: String
    ) throws -> Word? {
        guard let text: String = try self.decode(String?.self, column: column) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw CaseworkError(code: .unreadableRow, place: column)
        }
        return word
    }
}
