extension PostgresConnection {
    /// Sends rows with `COPY … FROM STDIN`, waiting whenever the server is slower than the source.
    ///
    /// - Parameter chunks: rows in the format the statement names; a row may span chunks.
    /// - Returns: the number of rows the server took.
    /// - Throws: `PostgresError`; when the source throws, the copy is called off and the source's error is thrown.
    @discardableResult
    public nonisolated func copyIn<Chunks: AsyncSequence>(
        _ statement: Statement, _ chunks: Chunks
    ) async throws -> Int where Chunks.Element == [UInt8] {
        _ = try await self.perform(.copyStart(statement.sql), name: statement.name)
        do {
            for try await chunk in chunks {
                _ = try await self.perform(.copyData(chunk), name: statement.name, isCancellable: false)
            }
            try Task.checkCancellation()
        } catch {
            await self.callCopyOff(statement)
            throw error
        }
        let results = try await self.perform(.copyEnd(failure: nil), name: statement.name, isCancellable: false)
        return results.last?.affectedRows ?? 0
    }

    /// The server answers a copy that is called off with an error; any other trouble shows at the next statement.
    private nonisolated func callCopyOff(_ statement: Statement) async {
        do {
            _ = try await self.perform(
                .copyEnd(failure: "called off by the client"), name: statement.name, isCancellable: false)
        } catch {
            if error.code != .cancelled { await self.close() }
        }
    }
}
