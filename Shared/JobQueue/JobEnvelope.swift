import FoundationEssentials
import JobTypes
import PostgresClient

/// What the queue itself keeps in the stored JSON object, beside the arguments: the version and the trace.
///
/// They stand among the arguments, so that a producer in SQL writes them as it writes anything, and every way to enqueue
/// carries them without a column of its own.
enum JobEnvelope {
    private struct Version: Decodable {
        let version: Int?
    }

    private struct Trace: Decodable {
        let traceparent: String?
    }

    private struct Upgraded<Arguments: JobArguments>: Decodable {
        let arguments: Arguments

        init(from decoder: any Decoder) throws {
            let version = try Version(from: decoder).version ?? 1
            self.arguments = try Arguments.upgrade(from: version, decoder)
        }
    }

    /// - Throws: `EncodingError`, also for arguments that are no JSON object.
    static func seal<Arguments: JobArguments>(
        _ arguments: Arguments, trace: TraceContext?, by encoder: JSONEncoder = PostgresJSON.encoder()
    ) throws -> PostgresJSON {
        let encoded = try PostgresJSON(encoding: arguments, by: encoder)
        guard encoded.text.utf8.first == UInt8(ascii: "{") else {
            throw EncodingError.invalidValue(
                Arguments.kind,
                EncodingError.Context(codingPath: [], debugDescription: "job arguments are encoded as an object"))
        }
        var members: [String] = []
        if let trace { members.append("\"traceparent\":\"\(trace.traceparent)\"") }
        if Arguments.version > 1 { members.append("\"version\":\(Arguments.version)") }
        guard !members.isEmpty else { return encoded }
        // In front: of two members with one name jsonb keeps the last, which is the arguments' own.
        let rest = encoded.text.dropFirst()
        return PostgresJSON(text: "{" + members.joined(separator: ",") + (rest == "}" ? "" : ",") + rest)
    }

    /// - Throws: `newerArguments` or `undecodableArguments`. The cause would quote the arguments, so it is not kept.
    static func open<Arguments: JobArguments>(_ stored: PostgresJSON) throws(JobQueueError) -> Arguments {
        var version = 1
        // Most arguments have neither an upgrade nor this key, and are read once.
        if Arguments.version > 1 || Self.mentions("\"version\"", stored) {
            guard let read = try? stored.decode(Version.self) else {  // Which member is wrong is in no error of ours.
                throw JobQueueError(code: .undecodableArguments)
            }
            version = read.version ?? 1
        }
        guard version <= Arguments.version else { throw JobQueueError(code: .newerArguments) }
        do {
            return version == Arguments.version
                ? try stored.decode(Arguments.self) : try stored.decode(Upgraded<Arguments>.self).arguments
        } catch {
            throw JobQueueError(code: .undecodableArguments)
        }
    }

    static func trace(of stored: PostgresJSON) -> TraceContext? {
        guard Self.mentions("\"traceparent\"", stored) else { return nil }
        // A trace that cannot be read is none: the work is not held up for it.
        return (try? stored.decode(Trace.self))?.traceparent.flatMap(TraceContext.init(traceparent:))
    }

    /// Byte by byte: it is asked of every job that is claimed.
    private static func mentions(_ key: StaticString, _ stored: PostgresJSON) -> Bool {
        let wanted = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        var text = stored.text
        return text.withUTF8 { bytes in
            guard bytes.count >= wanted.count else { return false }
            for start in 0...(bytes.count - wanted.count) where bytes[start] == wanted[0] {
                if (1..<wanted.count).allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
            }
            return false
        }
    }
}
