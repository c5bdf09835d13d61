import Testing
import Wire

@testable import aifw_apid

/// The description as a page.
struct DescriptionPageTests {
    @Test func `text gets into HTML only escaped`() {
        let name = #"<script>alert("1" & '2')</script>"#
        let escaped = "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        let piece: HTML = "<p>\(name)</p>"
        #expect(piece.text == "<p>\(escaped)</p>")
        #expect(HTML.prose("a `\(name)` b\n\nc").text == "<p>a <code>\(escaped)</code> b</p><p>c</p>")
        let outer: HTML = "<div>\(piece)\([piece, piece])</div>"
        #expect(outer.text == "<div>" + String(repeating: piece.text, count: 3) + "</div>")
    }

    @Test func `every operation has its place, its scope and its problems`() throws {
        try RouterTests.described { lines in
            let description = Description(lines: lines, operations: Operations.all)
            let html = DescriptionPage(description.json).html
            for operation in description.operations {
                #expect(html.contains(#"<article id="\#(operation.id)">"#))
                #expect(html.contains(##"<a href="#\##(operation.id)">"##))
            }
            for code in ProblemCode.allCases { #expect(html.contains(#"<tr id="problem-\#(code.rawValue)">"#)) }
            for scope in Scopes.named { #expect(html.contains(#"<span class="scope">\#(scope.name)</span>"#)) }
            // No markup of ours has been taken for words; the sample of a QR code is a member's value.
            let rest = html.replacing("&lt;svg ", with: "").replacing("&lt;/svg&gt;", with: "")
            #expect(!rest.contains("&lt;"))
            #expect(!html.contains("<script"))
            #expect(!html.contains("style=\""))
        }
    }
}
