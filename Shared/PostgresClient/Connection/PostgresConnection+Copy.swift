extension PostgresConnection {
    /// Sends rows with `COPY … FROM STDIN`, waiting whenever the server is slower than the source.
    ///
    /// - Parameter chunks: rows in the format the statement names, of at most 1 GiB each; a row may span chunks.
    /// - Returns: the number of rows the server took.
    /// - Throws: `PostgresError`; when the source throws, the copy is called off and the source's error is thrown.
    @discardableResult
    public nonisolated func copyIn<Chunks: AsyncSequence>(
        _ statement: Statement, _ chunks: Chunks
    ) async throws -> Int where Chunks.Element == [UInt8] {
        _ = try await self.perform(.copyStart(statement.sql), name: statement.name)
        do {
            for try await chunk in chunks {
                guard !Task.isCancelled else { break }
                guard chunk.count <= 1 << 30 else {
                    throw PostgresError(.misuse, statement: statement.name, detail: "a chunk is too large")
                }
                _ = try await self.perform(.copyData(chunk), name: statement.name)
            }
            // A source may end quietly when its task is cancelled: its rows are not all there.
            guard !Task.isCancelled else { throw PostgresError(.cancelled, statement: statement.name) }
        } catch {
            await self.callCopyOff(statement)
            throw error
        }
        let results = try await self.perform(.copyEnd(failure: nil), name: statement.name)
        return results.last?.affectedRows ?? 0
    }

    private nonisolated func callCopyOff(_ statement: Statement) async {
        do {
            _ = try await self.perform(
                .copyEnd(failure: "called off by the client"), name: statement.name, isCancellable: false)
        } catch {
            // The server's answer to a copy that is called off is an error. The source's is the one to report.
        }
    }
}
