import FoundationEssentials
import HTTPTypes

/// The OpenAPI 3.1 document of the door, made from the list of its operations.
enum OpenAPIDocument {
    /// Additive changes raise the minor version; v1 in the paths stays.
    static let version = "1.3.0"

    static var document: JSONValue {
        var paths: [String: JSONValue] = [:]
        for operation in GatewayOperation.allCases {
            let described = [operation.method.rawValue.lowercased(): operation.described]
            paths[operation.path] = (paths[operation.path] ?? [:]).adding(described)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Dandelion gateway: the partner agencies' HTTP door",
                "version": .string(Self.version),
                "description": .string(Self.introduction),
            ],
            "security": [["agencyKey": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "agencyKey": [
                        "type": "http", "scheme": "bearer",
                        "description": "The agency's key, dak_…. It names the agency: no request does.",
                    ]
                ],
                "schemas": .object(APISchema.components),
                "responses": .object(APISchema.responses),
                "headers": .object(APISchema.headers),
            ],
        ]
    }

    private static let introduction = """
        An agency leases its hand-overs, opens each package with its own private key, and answers: accept, reject or \
        object. An accepted referral is then reported on until its outcome. A hand-over may be delivered more than \
        once; it is accepted at most once. Whatever is another agency's looks as if it did not exist. All words are \
        codes; what is said in an agency's own words is sealed to the network's key before it is sent.
        """

    /// As it is served and as it stands in the repository.
    static func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(Self.document)) + [UInt8(ascii: "\n")]
    }
}
