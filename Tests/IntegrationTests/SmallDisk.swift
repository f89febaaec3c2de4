import FoundationEssentials
import Glibc
import PostgresClient

/// A file system of a few megabytes with a tablespace on it, to be filled: a disk that is full, of which the rest of the
/// machine notices nothing. To make one needs the right to mount.
final class SmallDisk: Sendable {
    private let path: String
    private var filler: String { "\(self.path)/filler" }

    private init(path: String) {
        self.path = path
    }

    /// Runs the body with a small disk, or with none where this user may not mount. It outlives the server of the body.
    static func with<Value>(megabytes: Int, _ body: (SmallDisk?) async throws -> Value) async throws -> Value {
        let path = "/tmp/ddl-disk-\(UUID().uuidString.prefix(8))"
        guard mkdir(path, 0o755) == 0 else { return try await body(nil) }
        defer { rmdir(path) }
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=0755") == 0 else {
            print("chaos: no full disk: this user may not mount a small file system (errno \(errno))")
            return try await body(nil)
        }
        defer { umount2(path, Int32(MNT_DETACH)) }
        return try await body(SmallDisk(path: path))
    }

    /// Puts the queue's tables and their indexes on it.
    func take(from dsn: String) async throws {
        let tablespace = "\(self.path)/tablespace"
        mkdir(tablespace, 0o700)
        if geteuid() == 0, let user = getpwnam("postgres") ?? getpwnam("nobody") {
            chown(tablespace, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        try await ChaosDrill.withConnection(dsn) { connection in
            // By itself: no script of several statements may make a tablespace. The path is of our own making.
            try await connection.execute(
                Statement(name: "drill_tablespace", unchecked: "CREATE TABLESPACE small LOCATION '\(tablespace)'"))
            try await connection.run(script: Self.move, name: "drill_move")
        }
    }

    /// Leaves no page free.
    func fill() {
        let file = open(self.filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var size = zeros.count
        // The last bytes too.
        while size > 0 {
            if zeros.withUnsafeBytes({ write(file, $0.baseAddress, size) }) < 0 { size /= 2 }
        }
    }

    func makeRoom() { unlink(self.filler) }

    private static let move = """
        DO $move$
        DECLARE
            v_table record;
        BEGIN
            FOR v_table IN SELECT c.oid::regclass AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'queue' AND c.relkind IN ('r', 'i')
            LOOP
                EXECUTE format(
                    CASE WHEN (SELECT relkind FROM pg_class WHERE oid = v_table.name) = 'i'
                    THEN 'ALTER INDEX %s SET TABLESPACE small' ELSE 'ALTER TABLE %s SET TABLESPACE small' END, v_table.name);
            END LOOP;
        END
        $move$;
        """
}
