import HTTPTypes
public import Hummingbird

extension Router {
    /// Adds what every door of ours does, outermost first: request id, trace, access log, metrics, headers, problem documents.
    /// Call it before any route is added.
    @discardableResult
    public func addEdgeMiddleware() -> Self {
        self.add(middleware: RequestIDMiddleware())
        self.add(middleware: TraceMiddleware())
        self.add(middleware: AccessLogMiddleware())
        self.add(middleware: HTTPMetricsMiddleware())
        self.add(middleware: ResponseHeadersMiddleware())
        self.add(middleware: ProblemMiddleware())
        return self
    }

    /// Answers the methods that a known path does not have with 405 and `Allow`. Call it after all routes are added
    /// (``HTTPDoor`` does); without it the router answers 404.
    @discardableResult
    public func addMethodNotAllowed() -> Self {
        var methodsByPath: [(path: RouterPath, methods: Set<HTTPRequest.Method>)] = []
        for route in self.routes {
            if let index = methodsByPath.firstIndex(where: { $0.path == route.path }) {
                methodsByPath[index].methods.insert(route.method)
            } else {
                methodsByPath.append((route.path, [route.method]))
            }
        }
        for (path, declared) in methodsByPath {
            // HEAD comes with GET: routers of ours are made with `.autoGenerateHeadEndpoints`.
            let methods = declared.contains(.get) ? declared.union([.head]) : declared
            let allow = methods.map(\.rawValue).sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options]
            where !methods.contains(method) {
                self.on(path, method: method) { _, _ -> Response in
                    throw HTTPProblem(.methodNotAllowed, "Allowed here: \(allow).", headers: [.allow: allow])
                }
            }
        }
        return self
    }
}
