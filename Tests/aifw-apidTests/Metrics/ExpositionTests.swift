import Metrics
import Testing

@testable import aifw_apid

@Suite struct ExpositionTests {
    private static let gauge = MetricFamily(name: "some_peers", kind: .gauge, help: "Peers.")
    private static let histogram = MetricFamily(name: "some_seconds", kind: .histogram, help: "Time.")

    @Test func `a family is announced once, and its series follow in their order`() {
        var exposition = Exposition()
        exposition.add(Self.gauge, [(MetricLabels([("state", "never")]), 0), (MetricLabels([("state", "up")]), 12)])
        exposition.add(MetricFamily(name: "other_total", kind: .counter, help: "Others."), 7)
        #expect(
            exposition.text == """
                # HELP some_peers Peers.
                # TYPE some_peers gauge
                some_peers{state="never"} 0
                some_peers{state="up"} 12
                # HELP other_total Others.
                # TYPE other_total counter
                other_total 7

                """)
    }

    @Test func `a family without series is not there at all`() {
        var exposition = Exposition()
        exposition.add(Self.gauge, [(labels: MetricLabels, value: Int)]())
        exposition.add(Self.histogram, [])
        #expect(exposition.text.isEmpty)
    }

    @Test(arguments: [
        ("office", "office"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), (#"\n"#, #"\\n"#),
        ("Büro {1}, 東京 👩‍💻", "Büro {1}, 東京 👩‍💻"), ("e\u{301}\"", "e\u{301}\\\""), ("", ""), ("\r\n", "\r\\n"),
    ])
    func `the value of a label is escaped where the format needs it, and else as it was typed`(
        value: String, text: String
    ) {
        #expect(MetricLabels([("name", value)]).text == "name=\"\(text)\"")
        #expect(MetricLabels([("name", value), ("b", "c")]).text == "name=\"\(text)\",b=\"c\"")
    }

    @Test func `a histogram counts up from bound to bound, and ends with all, the sum and how many`() {
        let series = HistogramSeries()
        // On a bound is within it; below nothing is nothing.
        for nanoseconds: Int64 in [-5, 500_000, 500_001, 40_000_000, 11_000_000_000] {
            series.recordNanoseconds(nanoseconds)
        }
        var exposition = Exposition()
        exposition.add(Self.histogram, [(MetricLabels([("kind", "a")]), series.reading)])
        let lines = exposition.text.split(separator: "\n")
        #expect(lines.prefix(2) == ["# HELP some_seconds Time.", "# TYPE some_seconds histogram"])
        let expected = [
            ("0.0005", 2), ("0.001", 3), ("0.0025", 3), ("0.005", 3), ("0.01", 3), ("0.025", 3), ("0.05", 4),
            ("0.1", 4), ("0.25", 4), ("0.5", 4), ("1.0", 4), ("2.5", 4), ("5.0", 4), ("10.0", 4), ("+Inf", 5),
        ].map { #"some_seconds_bucket{kind="a",le="\#($0)"} \#($1)"# }
        #expect(lines.dropFirst(2).prefix(expected.count).map(String.init) == expected)
        #expect(
            lines.suffix(2) == [#"some_seconds_sum{kind="a"} 11.041000001"#, #"some_seconds_count{kind="a"} 5"#])
    }

    @Test func `a histogram without labels has the bound alone`() {
        var exposition = Exposition()
        exposition.add(Self.histogram, [(MetricLabels(), HistogramSeries().reading)])
        #expect(exposition.text.contains("\nsome_seconds_bucket{le=\"+Inf\"} 0\nsome_seconds_sum 0.0\n"))
    }

    @Test func `processor time and memory are found whatever the program is called`() throws {
        let line = "4242 (a) S 1 (x) R 1 2 3 4 5 6 7 8 9 10 700 30 0 0 20 0 9 0 555 104857600 2560 184467\n"
        let figures = try #require(ProcessFigures.figures(in: line))
        #expect(figures.ticks == 730 && figures.pages == 2560)
        #expect(ProcessFigures.figures(in: "4242 (a) S 1") == nil && ProcessFigures.figures(in: "") == nil)
        let own = try #require(ProcessFigures())
        #expect(own.residentBytes > 1 << 20 && own.openFiles > 2 && own.seconds > 0)
    }
}
