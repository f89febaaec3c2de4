import Foundation
import Glibc
import TestSupport

/// A carrier's gateway in a process of its own (Python's HTTP server) that does what the recipient's number asks for:
/// takes, refuses with status 200, hangs, breaks off in the middle, loses, delays, repeats, lies.
final class LocalGateway {
    struct Received: Decodable {
        var body: String
        var timestamp: String
        var signature: String
        var key: String?
    }

    let port: Int
    private let process: ServiceProcess
    private let directory: URL

    init() throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent("sms-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        let script = self.directory.appendingPathComponent("gateway.py")
        let ready = self.directory.appendingPathComponent("ready").path
        try Self.script.write(to: script, atomically: true, encoding: .utf8)
        guard mkfifo(ready, 0o600) == 0 else { throw ServiceProcess.LaunchFailed(description: "no pipe") }
        self.process = try ServiceProcess(
            "/usr/bin/python3", arguments: [script.path, self.directory.path, ready])
        let line = String(
            decoding: FileHandle(forReadingAtPath: ready)?.readDataToEndOfFile() ?? Data(), as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ServiceProcess.LaunchFailed(description: "the gateway did not start\n\(self.process.output)")
        }
        self.port = port
    }

    deinit {
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// What arrived, in order, whatever was answered.
    func received() throws -> [Received] {
        try FileManager.default.contentsOfDirectory(atPath: self.directory.path).filter { $0.hasSuffix(".json") }
            .sorted().map { name in
                try JSONDecoder().decode(
                    Received.self, from: Data(contentsOf: self.directory.appendingPathComponent(name)))
            }
    }

    private static let script = """
        import sys

        directory, ready = sys.argv[1:]
        ready = open(ready, "w")

        import http.server, itertools, json, os, socket, struct, threading, time

        count = itertools.count(1)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments): pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                number = json.loads(body)["to"]
                if not number.endswith("09"):  # 09: lost on the way, and answered as taken
                    path = os.path.join(directory, "%08d" % next(count))
                    with open(path + ".part", "w") as file:
                        json.dump({
                            "body": body, "timestamp": self.headers.get("x-timestamp"),
                            "signature": self.headers.get("x-signature"), "key": self.headers.get("idempotency-key"),
                        }, file)
                    os.rename(path + ".part", path + ".json")
                what = number[-2:]
                if what == "01": return self.answer(200, '{"code": 17, "message": "balance"}')
                if what == "02": return self.answer(200, '{"code": 21, "message": "black list"}')
                if what == "03": time.sleep(30); return
                if what == "04": return self.reset(b"HTTP/1.1 200 OK\\r\\ncontent-length: 100\\r\\n\\r\\n{\\"code\\": 0")
                if what == "05": return self.reset(b"")
                if what == "06": return self.answer(200, "<html>OK</html>")
                if what == "07": return self.answer(503, "busy")
                if what == "08": return self.answer(200, '{"code": 0, "id": "x"}' + " " * 200000)
                if what == "10": return self.answer(302, "", ("location", "http://127.0.0.1:1/"))
                self.answer(200, json.dumps({"code": 0, "id": "g-" + str(abs(hash(body)))}))

            def answer(self, status, text, *headers):
                data = text.encode()
                self.send_response(status)
                for name, value in headers: self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def reset(self, data):
                self.connection.sendall(data)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, *arguments): pass

        server = Server(("127.0.0.1", 0), Handler)
        print(server.server_address[1], file=ready)
        ready.close()
        server.serve_forever()
        """
}
