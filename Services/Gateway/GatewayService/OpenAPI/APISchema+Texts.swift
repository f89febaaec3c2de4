extension APISchema {
    /// What is said in an agency's own words, and the key it is sealed to.
    static var texts: [String: JSONValue] {
        let digest: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
        return [
            "Text": self.object(
                [
                    "key_id": digest,
                    "sealed": self.sealed(
                        TextBody.sealedRange,
                        """
                        HPKE as packages: version byte 1, 32 bytes of encapsulated key, ciphertext with its tag. `info` is \
                        dandelion.text.1, the referral's number, the agency's id, the status that the answer or report leads \
                        to, and text, joined by line feeds; `aad` is the version byte.
                        """),
                    "attachments": [
                        "type": "array", "minItems": .integer(TextBody.attachmentsRange.lowerBound),
                        "maxItems": .integer(TextBody.attachmentsRange.upperBound),
                        "items": self.reference("Attachment"),
                    ],
                ], required: ["key_id"], isClosed: true
            ).adding([
                "anyOf": [["required": ["sealed"]], ["required": ["attachments"]]],
                "description": "Sealed to the network's key. Text in clear is refused.",
            ]),
            "Attachment": self.object(
                [
                    "sha256": digest, "media_type": self.codes(TextBody.mediaTypes),
                    "bytes": [
                        "type": "integer", "minimum": .integer(TextBody.bytesRange.lowerBound),
                        "maximum": .integer(TextBody.bytesRange.upperBound),
                    ],
                    "location": self.sealed(
                        TextBody.locationRange,
                        """
                        Where the file lies, sealed like a text; `info` ends in attachment, sha256, media_type and bytes \
                        instead of text. Nothing is fetched from there.
                        """),
                ], required: ["sha256", "media_type", "bytes", "location"], isClosed: true),
            "NetworkKey": self.object(
                [
                    "key_id": digest, "algorithm": ["type": "string", "const": "x25519"],
                    "public_key": ["type": "string", "contentEncoding": "base64"],
                    "valid_from": self.reference("Instant"),
                    "signature": [
                        "type": "string", "contentEncoding": "base64",
                        "description": """
                        Ed25519 by the network's onboarding key over dandelion.network-key.1, key_id, public_key and \
                        valid_from (2026-11-26T00:00:00Z), joined by line feeds.
                        """,
                    ],
                    "agency_id": ["type": "string", "format": "uuid"],
                ], required: ["key_id", "algorithm", "public_key", "valid_from", "signature", "agency_id"]),
        ]
    }

    private static func sealed(_ range: ClosedRange<Int>, _ description: String) -> JSONValue {
        [
            "type": "string", "contentEncoding": "base64", "minLength": .integer(Self.base64(range.lowerBound)),
            "maxLength": .integer(Self.base64(range.upperBound)), "description": .string(description),
        ]
    }

    private static func base64(_ bytes: Int) -> Int { (bytes + 2) / 3 * 4 }
}
