import Testing
import Wire

@testable import aifw_apid

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696_000),
            ("2027-01-31T18:00:00.5Z", 1_801_418_400_500),
            ("2026-11-23T13:19:20.123Z", 1_795_439_960_123), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] as [(String, Int64)])
    func `a time is read and written`(text: String, milliseconds: Int64) throws {
        let time = try Timestamp(text)
        #expect(time.milliseconds == milliseconds)
        #expect(try Timestamp(time.description) == time)
        #expect(Timestamp(milliseconds: milliseconds).description == text.replacing(".5Z", with: ".500Z"))
    }

    @Test(arguments: [
        ("2027-01-31T18:00:00+01:30", "2027-01-31T16:30:00Z"), ("2026-12-31T23:00:00-05:00", "2027-01-01T04:00:00Z"),
        ("2027-01-31t18:00:00.1239z", "2027-01-31T18:00:00.123Z"),
        ("1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00Z"),
    ])
    func `any offset is taken and written as UTC`(text: String, utc: String) throws {
        #expect(try Timestamp(text).description == utc)
    }

    @Test(arguments: [
        "", "2027-01-31", "2027-01-31T18:00:00", "2027-01-31 18:00:00Z", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-00T00:00:00Z", "2027-04-31T00:00:00Z",
        "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z", "2027-01-01T00:00:60Z", "2027-01-01T00:00:00.Z",
        "2027-01-01T00:00:00+1:00", "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00ZZ", "1960-01-01T00:00:00Z",
        "2027-01-01T00:00:00.1234567890Z", "+027-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: ValueError.self) { try Timestamp(text) }
    }

    @Test func `every day of four centuries comes back`() throws {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let time = Timestamp(milliseconds: day * 86_400_000)
            #expect(try Timestamp(time.description) == time)
        }
    }
}
