import HTTPTypes
import HummingbirdCore

/// The web page: its files, and the paths that it shows in the address bar, each of which is the page itself. Open to all,
/// for there is nothing of this host in it: what it shows it asks of the API, as whoever has logged in.
enum PageRoutes {
    /// Where its files are.
    static let folder = "/page/"
    /// Its places. The page reads from the path which of them it is at (`app.js`).
    static let places = [
        "/", "/setup", "/wireguard", "/wireguard/{id}", "/ipsec", "/rules", "/audit", "/tokens", "/users", "/backup",
    ]

    /// It runs its own scripts only, speaks to this server only, may not be framed, and can make no markup of text. Pictures
    /// made in the page are QR codes.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    /// What a page that only talks to its server has no use for, by the names that browsers know: of others they complain
    /// in the console. It may write to the clipboard: configurations.
    private static let permissions =
        [
            "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "encrypted-media", "fullscreen",
            "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone",
            "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
            "xr-spatial-tracking",
        ].map { $0 + "=()" }.joined(separator: ", ") + ", clipboard-write=(self)"

    static func routes(of files: [PageFile] = PageFile.all) -> [Route] {
        let assets = files.map { route(folder + $0.path, to: $0) }
        guard let index = files.first(where: { $0.path == "index.html" }) else { return assets }
        return places.map { route($0, to: index) } + assets
    }

    private static func route(_ path: String, to file: PageFile) -> Route {
        .get(path, .open) { context in
            var response = file.response(to: context.request.headers)
            response.headers[.contentSecurityPolicy] = policy
            response.headers[.permissionsPolicy] = permissions
            response.headers[.crossOriginOpenerPolicy] = "same-origin"
            response.headers[.crossOriginResourcePolicy] = "same-origin"
            return response
        }
    }
}

extension HTTPField.Name {
    static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
}
