import Testing

@testable import ServiceKit

@Suite struct JSONSyntaxTests {
    @Test(arguments: [
        "{}", "[]", "0", "-1.5e+3", "\"a\\u00e9\\n\"", " {\"a\": [1, true, null, {\"b\": \"中\"}]} \n",
    ])
    func soundTextHasNoError(text: String) {
        #expect(JSONSyntax.firstError(in: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("", 1, 1), ("{\"a\": x}", 1, 7), ("{\n  \"a\": 1,\n}", 3, 1), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
        ("\"abc", 1, 5),
        ("{} x", 1, 4), ("01", 1, 2), ("\"\\q\"", 1, 3), ("1.", 1, 3), ("nul", 1, 1), ("{a: 1}", 1, 2),
    ])
    func theFirstErrorHasItsPlace(text: String, line: Int, column: Int) {
        let place = JSONSyntax.firstError(in: Array(text.utf8))
        #expect(place?.line == line)
        #expect(place?.column == column)
    }

    @Test func bytesThatAreNotUTF8AreSaidToBe() {
        #expect(JSONSyntax.firstError(in: [0x22, 0xFF, 0x22])?.message == "the text is not UTF-8")
    }

    @Test func deepNestingIsAnErrorAndNotACrash() {
        let text = String(repeating: "[", count: 100_000)
        #expect(JSONSyntax.firstError(in: Array(text.utf8))?.message == "too deeply nested")
    }
}
