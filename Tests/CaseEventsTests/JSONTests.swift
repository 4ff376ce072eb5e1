import Testing

@testable import CaseEvents

@Suite struct JSONTests {
    /// RFC 8259, one text a line. Refusals are in `BadInput`, where each has its code.
    static let accepted = [
        "null", "true", "false", "0", "-0", "-0.0", "1", "10", "-1", "1.5", "1e2", "1E+2", "1e-2", "0.1e1", "0e0",
        "123456789012345678901234567890", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\"",
        "\"\\uD83D\\uDE00\"", "\"é€😀\"", "\"\u{7F}\"", "\"\\u0001\"", "[]", "[ ]", "[1]", "[1,2]", "[[],{}]", "{}",
        "{ }", "{\"a\":1}", "{\"a\":1,\"b\":[2,{\"c\":null}]}", " \t\r\n1 \t\r\n", "{\"\":0}", "{\"a\":1,\"a\":2}",
        "[\"\u{2028}\"]", "\"\u{FEFF}\"",
    ]

    @Test(arguments: accepted) func takesWhatTheRFCAllows(_ text: String) throws {
        #expect(try JSONValue(text).rawText == text.trimmed)
    }

    static let refused = [
        "", " ", "nul", "nulll", "TRUE", "00", "-", "-01", "1.", ".1", "1e", "1e+", "+1", "0x1", "1 2", "NaN", "\"",
        "\"a", "'a'", "\"\\\"", "\"\\a\"", "\"\\u12G4\"", "\"\\u123\"", "\"\n\"", "[", "]", "[1", "[1,", "[,1]", "[1,]",
        "[1 2]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{\"a\" 1}",
        "{1:2}", "{\"a\":1]", "[1}", "\u{FEFF}1", "\u{A0}1", "//x\n1", "1;", "\"\\uD800\"", "\"\\uDC00\"",
        "\"\\uD800\\u0041\"", "\"\\u0000\"", "\"\0\"",
    ]

    @Test(arguments: refused) func refusesWhatTheRFCDoesNotAllow(_ text: String) {
        #expect(throws: JSONFault.self) { try JSONValue(text) }
    }

    @Test func nestsSixtyFourDeepAndNoDeeper() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(nested(64)) }
        #expect(throws: JSONFault.self) { try JSONValue(nested(65)) }
        // Far past any call stack.
        #expect(throws: JSONFault.self) { try JSONValue(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func readsValues() throws {
        let text =
            #"{"a":"x\n\u00e9\uD83D\uDE00","b":[1,-2.50,3e2,1.0,99999999999999999999],"c":true,"d":null,"\u0065":{}}"#
        let value = try JSONValue(text)
        #expect(value["a"]?.string == "x\né😀")
        let numbers = try #require(value["b"]).elements.map { $0 }
        #expect(numbers.map(\.int) == [1, nil, 300, 1, nil])
        #expect(numbers.map(\.double) == [1, -2.5, 300, 1, 1e20])
        #expect(numbers.map(\.rawText) == ["1", "-2.50", "3e2", "1.0", "99999999999999999999"])
        #expect(value["c"]?.bool == true)
        #expect(value["d"]?.isNull == true)
        #expect(value["e"]?.kind == .object)
        #expect(value["f"] == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value["c"]?.string == nil && value["a"]?.int == nil && value["a"]?.bool == nil)
        #expect(value.members.map(\.key) == ["a", "b", "c", "d", "e"])
        #expect(value["a"]?.elements.map(\.rawText) == [])
    }

    @Test func quotesWhatItReads() throws {
        for text in ["", "plain", "\"\\/\u{0}\u{1}\u{1F}\n\t", "é😀\u{2028}"] where !text.contains("\u{0}") {
            #expect(try JSONValue(JSONValue.quoted(text)).string == text)
        }
    }

    static let same: [(String, String)] = [
        ("{\"a\":1,\"b\":2}", "{ \"b\" : 2,\n\"a\" : 1 }"), ("\"\\u0041\"", "\"A\""), ("\"\\/\"", "\"/\""),
        ("\"\\n\"", "\"\\u000a\""), ("\"\\uD83D\\uDE00\"", "\"😀\""), ("{\"\\u0061\":1}", "{\"a\":1}"), ("1", "1.0"),
        ("1", "10e-1"), ("100", "1E2"), ("-0", "0"), ("0.0e9", "0"), ("1.50", "15e-1"), ("[ 1 , 2 ]", "[1,2]"),
        ("{\"a\":{\"d\":1,\"c\":2},\"b\":0}", "{\"b\":0,\"a\":{\"c\":2,\"d\":1}}"),
    ]

    @Test(arguments: same) func oneMeaningHasOneCanonicalForm(_ left: String, _ right: String) throws {
        #expect(try JSONValue(left).canonicalBytes == JSONValue(right).canonicalBytes)
    }

    static let different: [(String, String)] = [
        ("1", "\"1\""), ("1", "-1"), ("1", "10"), ("[1,2]", "[2,1]"), ("[1]", "1"), ("{\"a\":null}", "{}"),
        ("\"a\"", "\"A\""), ("123456789012345678901", "123456789012345678902"), ("\"é\"", "\"e\u{301}\""),
        ("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}"), ("\"\\\\n\"", "\"\\n\""),
    ]

    @Test(arguments: different) func otherMeaningsHaveOtherForms(_ left: String, _ right: String) throws {
        #expect(try JSONValue(left).canonicalBytes != JSONValue(right).canonicalBytes)
    }

    @Test func theCanonicalFormIsItsOwn() throws {
        let canonical = try JSONValue(#"{"b":[1.50,-2e3,"\u0001\"é"],"a":{"z":null,"y":true}}"#).canonicalBytes
        let expected = #"{"a":{"y":true,"z":null},"b":[15e-1,-2e3,"\u0001\"é"]}"#
        #expect(String(decoding: canonical, as: UTF8.self) == expected)
        #expect(try JSONValue(canonical).canonicalBytes == canonical)
    }

    /// Where the canonical form is longer than the text.
    @Test func aCanonicalFormMayGrow() throws {
        let text = #"["\n\n\n\n",1.5,0.5,10,{"\n":-0.25}]"#
        let expected = #"["\u000a\u000a\u000a\u000a",15e-1,5e-1,1e1,{"\u000a":-25e-2}]"#
        #expect(String(decoding: try JSONValue(text).canonicalBytes, as: UTF8.self) == expected)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { " \t\r\n".contains($0) }.reversed().drop { " \t\r\n".contains($0) }.reversed())
    }
}
