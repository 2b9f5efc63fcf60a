// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import S3Blobs

@Suite("XML of stores", .timeLimit(.minutes(15)))
struct XMLReaderTests {
    @Test("elements, text, attributes, comments and name spaces")
    func document() {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- of a store -->
            <s3:ListBucketResult xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" a='x>y'>
              <Name>bucket</Name><Prefix/><Empty></Empty >
              <Contents><Key>a&amp;b&lt;&#x41;&#66;</Key><Size>1</Size></Contents>
              <Contents><Key><![CDATA[<raw>]]> text</Key></Contents>
            </s3:ListBucketResult>
            """
        let root = XMLReader.read(text)
        #expect(root?.name == "ListBucketResult")
        #expect(root?["Name"] == "bucket")
        #expect(root?["Prefix"] == "")
        #expect(root?["Empty"] == "")
        #expect(root?["Missing"] == nil)
        #expect(root?.all("Contents").map { $0["Key"] } == ["a&b<AB", "<raw> text"])
    }

    static let malformed = [
        "", " ", "text", "<", "<a", "<a>", "<a></b>", "<a><b></a></b>", "<a></a", "<a/><b/>", "<a>&unknown;</a>",
        "<a>&amp</a>", "<a>&#xD800;</a>", "<a>&#;</a>", "<!DOCTYPE a><a/>", "<a b=\"></a>", "<1/>", "</a>", "<a/>x",
        "<?xml", "<a><!-- </a>", "<a><![CDATA[</a>", "{\"a\": 1}", "<html><br></html>",
    ]

    @Test("what is not well-formed is no document", arguments: malformed)
    func notWellFormed(_ text: String) {
        #expect(XMLReader.read(text) == nil)
    }

    @Test("nesting that no store sends is refused before it costs much")
    func nesting() {
        let isRead = XMLReader.read(String(repeating: "<a>", count: 1_000_000)) != nil
        #expect(!isRead)
    }

    @Test("a page of a thousand keys is read")
    func longList() {
        let entry = "<Contents><Key>ab/abc</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified></Contents>"
        let root = XMLReader.read("<L>\(String(repeating: entry, count: 1000))</L>")
        #expect(root?.all("Contents").count == 1000)
    }
}
