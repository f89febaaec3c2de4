// swift-tools-version: 6.2
import PackageDescription

/// The same rules for every target of ours: Swift 6 mode, the four upcoming features of the codebases we learn from, and no warnings.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// MARK: - Libraries from elsewhere

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let locks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let http = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let httpTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

// MARK: - Our targets

func shared(_ name: String, _ dependencies: [Target.Dependency], sql: Bool = false) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)",
        resources: sql ? [.embedInCode("SQL")] : [], swiftSettings: swiftSettings)
}

/// A service is two targets: the library with all the logic and the executable that composes it.
func service(_ folder: String, binary: String, _ dependencies: [Target.Dependency]) -> [Target] {
    let library = "\(folder)Service"
    return [
        .target(
            name: library, dependencies: dependencies, path: "Services/\(folder)/\(library)",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: binary, dependencies: [.byName(name: library)], path: "Services/\(folder)/Main",
            swiftSettings: swiftSettings),
    ]
}

func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(module)Tests", dependencies: dependencies, path: "Tests/\(module)Tests", swiftSettings: swiftSettings)
}

let foundations: [Target] = [
    .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
        name: "CLibCurl", path: "Shared/CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CEpoll", path: "Shared/CEpoll"),
    .target(name: "CCurlOptions", dependencies: ["CLibCurl"], path: "Shared/CCurlOptions"),
    shared("PostgresClient", ["CLibPQ", "CEpoll", log, lifecycle, locks, heap]),
    shared("Migrations", ["PostgresClient", log, crypto]),
    shared("JobTypes", []),
    shared("JobQueue", ["PostgresClient", "Migrations", "JobTypes", log, lifecycle, locks, crypto], sql: true),
    shared("JobWorker", ["JobQueue", "PostgresClient", "JobTypes", log, metrics, lifecycle, locks]),
    shared("JobConformance", ["JobQueue", "PostgresClient", "JobTypes", locks]),
    shared("Casework", [yaml]),
    shared("CaseworkStore", ["PostgresClient", "Migrations", "Casework"], sql: true),
    shared("Contracts", ["JobTypes", "Casework"]),
    shared("Safeguarding", ["PostgresClient", "Migrations", "Casework", crypto], sql: true),
    .target(
        name: "AgencyDoors", dependencies: ["PostgresClient", "Migrations", "Casework", crypto],
        path: "Shared/AgencyDoors", resources: [.embedInCode("SQL"), .embedInCode("Server")],
        swiftSettings: swiftSettings),
    shared("Ledger", ["PostgresClient", "Migrations", "Safeguarding", crypto], sql: true),
    shared(
        "ServiceKit",
        [
            "PostgresClient", "Migrations", "JobTypes", log, metrics, coreMetrics, configuration, lifecycle, signals,
            locks, http,
            httpTypes, nio, nioPosix, nioHTTPTypes, crypto,
        ]),
    shared("Mail", ["CLibCurl", "CCurlOptions", locks]),
    shared("SMS", [httpClient, crypto, nio, nioHTTP, nioPosix]),
    .target(
        name: "Messaging", dependencies: ["Mail", "SMS", "Safeguarding", "Casework", mustache, yaml, locks],
        path: "Shared/Messaging", resources: [.embedInCode("Templates")], swiftSettings: swiftSettings),
    shared("DandelionAgency", [httpClient, crypto, nio, nioHTTP, nioPosix, locks]),
    shared("JobTestKit", ["JobWorker", "JobQueue", "JobTypes", "PostgresClient", "Migrations", log, locks]),
    shared(
        "TestSupport",
        [
            "PostgresClient", "Migrations", "JobQueue", "CaseworkStore", "Safeguarding", "AgencyDoors", "Ledger", log,
            locks,
        ]),
]

let casework: [Target.Dependency] = [
    "PostgresClient", "JobTypes", "JobQueue", "Casework", "CaseworkStore", "Contracts", "Safeguarding", "ServiceKit",
]

let services: [Target] = [
    service(
        "Intake", binary: "intake",
        casework + [http, httpTypes, nio, log, metrics, lifecycle, locks, crypto, collections]),
    service(
        "Routing", binary: "routing", casework + ["Ledger", "JobWorker", log, metrics, lifecycle, locks, crypto, yaml]),
    service(
        "Notification", binary: "notification",
        casework + [
            "JobWorker", "Mail", "SMS", "Messaging", http, httpTypes, log, metrics, lifecycle, locks, nio, crypto,
        ]),
    service(
        "Gateway", binary: "gateway",
        casework + [
            "AgencyDoors", "Ledger", "JobWorker", http, httpTypes, nio, nioHTTP, nioPosix, nioTLS, log, metrics,
            lifecycle, locks, crypto,
        ]),
    service(
        "LedgerSigner", binary: "ledger-signer",
        ["PostgresClient", "Safeguarding", "Ledger", "ServiceKit", log, lifecycle, locks]),
    service("AgencyWorker", binary: "agency-worker", ["DandelionAgency", log, lifecycle, signals, arguments]),
    service(
        "Operator", binary: "dandelion",
        casework + [
            "Migrations", "AgencyDoors", "Ledger", "JobWorker", "JobConformance", "DandelionAgency", "Mail",
            "Messaging",
            "SMS",
            arguments, log,
            httpClient, nio, nioHTTP, crypto, yaml, locks, lifecycle, signals,
        ]),
].flatMap { $0 }

let testTargets: [Target] = [
    tests("Architecture", [yaml]),
    tests("PostgresClient", ["PostgresClient", "JobTestKit", "TestSupport", log, lifecycle]),
    tests(
        "Migrations",
        [
            "Migrations", "PostgresClient", "JobQueue", "CaseworkStore", "Safeguarding", "AgencyDoors", "TestSupport",
            log,
        ]),
    tests("JobTypes", ["JobTypes"]),
    tests(
        "JobQueue", ["JobQueue", "JobConformance", "JobTypes", "PostgresClient", "TestSupport", log, locks, lifecycle]),
    tests(
        "JobWorker",
        ["JobWorker", "JobQueue", "JobTypes", "JobTestKit", "PostgresClient", "TestSupport", log, locks, lifecycle]),
    tests("Casework", ["Casework", "Contracts", "JobTypes", "TestSupport"]),
    tests("CaseworkStore", ["CaseworkStore", "Casework", "PostgresClient", "TestSupport", log]),
    tests("Safeguarding", ["Safeguarding", "Casework", "PostgresClient", "TestSupport", crypto, log]),
    tests(
        "AgencyDoors",
        [
            "AgencyDoors", "Casework", "Contracts", "Safeguarding", "JobQueue", "JobTypes", "PostgresClient",
            "TestSupport", crypto, log,
        ]),
    tests(
        "Ledger",
        ["Ledger", "PostgresClient", "TestSupport", crypto, locks]),
    tests(
        "LedgerSignerService", ["LedgerSignerService", "Ledger", "PostgresClient", "TestSupport"]),
    tests("SMS", ["SMS", "TestSupport", crypto]),
    tests("Messaging", ["Messaging", "SMS", "Mail", "Safeguarding", "Casework", "TestSupport"]),
    tests(
        "ServiceKit",
        [
            "ServiceKit", "JobTypes", "PostgresClient", "Migrations", "TestSupport", log, metrics, coreMetrics, http,
            httpTypes,
            httpTesting, nio,
            locks, lifecycle, signals,
        ]),
    tests(
        "IntakeService",
        [
            "IntakeService", "TestSupport", "Casework", "CaseworkStore", "Contracts", "Safeguarding", "JobQueue",
            "JobTypes", "JobWorker", "JobTestKit", "PostgresClient", "ServiceKit", http, httpTypes, httpTesting, log,
            nio,
            locks,
        ]),
    tests(
        "RoutingService",
        [
            "RoutingService", "TestSupport", "Casework", "CaseworkStore", "Contracts", "Safeguarding", "JobQueue",
            "JobTypes", "JobWorker", "JobTestKit", "PostgresClient", "ServiceKit", log, crypto, locks,
        ]),
    tests(
        "NotificationService",
        [
            "NotificationService", "Messaging", "SMS", "TestSupport", "Mail", "Casework", "CaseworkStore", "Contracts",
            "Safeguarding",
            "JobQueue", "JobTypes", "JobWorker", "JobTestKit", "PostgresClient", "ServiceKit", http, httpTypes,
            httpTesting, httpClient, nio, nioHTTP, locks, crypto, log, lifecycle,
        ]),
    tests(
        "GatewayService",
        [
            "GatewayService", "DandelionAgency", "TestSupport", "AgencyDoors", "Casework", "CaseworkStore", "Contracts",
            "Safeguarding", "JobQueue", "JobTypes", "JobWorker", "JobTestKit", "PostgresClient", "ServiceKit", http,
            httpTypes, httpTesting, httpClient, log, nio, nioHTTP, nioPosix, crypto, locks, lifecycle,
        ]),
    tests("AgencyWorkerService", ["AgencyWorkerService", "DandelionAgency", log]),
    tests(
        "OperatorService",
        [
            "OperatorService", "TestSupport", "PostgresClient", "JobQueue", "JobTypes", "Contracts", "Casework",
            "CaseworkStore", "Safeguarding", "Ledger", arguments, log,
        ]),
    tests(
        "Integration",
        [
            "TestSupport", "PostgresClient", "JobQueue", "JobTypes", "JobTestKit", "CaseworkStore", "Safeguarding",
            "DandelionAgency", httpClient, nio, nioHTTP, log, locks,
        ]),
]

let package = Package(
    name: "dandelion",
    products: [
        .library(name: "PostgresClient", targets: ["PostgresClient"]),
        .library(name: "JobQueue", targets: ["JobTypes", "JobQueue", "JobWorker"]),
        .library(name: "JobTestKit", targets: ["JobTestKit"]),
        .library(name: "JobConformance", targets: ["JobConformance"]),
        .library(name: "DandelionAgency", targets: ["DandelionAgency"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: foundations + services + testTargets
)
