import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct AcceptEncodingTests {
    @Test(arguments: [
        "gzip", "GZIP", "x-gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "*;q=0.001",
        "gzip;q=1", "gzip;q=1.000", "gzip;Q=0.5", "gzip ; q=0.5", "\tgzip ;q=1.", ", gzip,", "gzip;q=0.001",
        "identity;q=0, *", "identity;q=0.5, gzip", "identity, gzip", "deflate, *;q=0.2", "gzip, *;q=0",
        "identity;q=0.2, *;q=0.3",
    ])
    func `gzip is taken`(header: String) {
        #expect(AcceptEncoding([.acceptEncoding: header]).takesGzip)
    }

    @Test(arguments: [
        "", ",", "identity", "deflate, br", "gzip;q=0", "gzip;q=0.000", "gzip; q=0, *", "*;q=0", "x-gzip;q=0, *",
        "identity, gzip;q=0.9", "identity, *;q=0.9", "*;q=0.5, gzip;q=0.4", "gzipped", "gzip2",
    ])
    func `gzip is not taken, or the content as it is is wanted more`(header: String) {
        #expect(!AcceptEncoding([.acceptEncoding: header]).takesGzip)
    }

    @Test(arguments: [
        "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=-1", "gzip;q=", "gzip;q", "gzip;", "gzip;q=.5",
        "gzip;q=11", "gzip;q=1e0", "gzip;q=nan", "gzip;q=0x1", "gzip;q=1.0.0", "gzip;q=1;q=1", "gzip;level=9",
        "gzip;q =1", "gzip;q= 1", "gzip;q=\"1\"", "gzip q=1", "gzip, br;q=5", "gzip, ;q=1", "gzip, (br)", "\"gzip\"",
        "gzip/1", "gz\u{ED}p", "gzip;q=\u{660}", "gzip, b\u{301}r",
    ])
    func `what is not as the RFC has it asks for nothing`(header: String) {
        #expect(!AcceptEncoding([.acceptEncoding: header]).takesGzip)
    }

    @Test func `without the field nothing is packed, and several fields are one list`() {
        #expect(!AcceptEncoding([:]).takesGzip)
        var fields = HTTPFields()
        fields.append(HTTPField(name: .acceptEncoding, value: "br"))
        fields.append(HTTPField(name: .acceptEncoding, value: "gzip"))
        #expect(AcceptEncoding(fields).takesGzip)
        fields.append(HTTPField(name: .acceptEncoding, value: "?;"))
        #expect(!AcceptEncoding(fields).takesGzip)
    }
}
