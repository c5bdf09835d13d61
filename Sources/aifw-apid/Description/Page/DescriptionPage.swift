import Wire

/// The description as one page of HTML: made from the document and nothing else, without any script.
struct DescriptionPage {
    let document: JSON

    init(_ document: JSON) { self.document = document }

    var html: String { frame.text }

    private var frame: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>\(title) · API</title>
        <link rel="stylesheet" href="\(DescriptionRoutes.stylePath)"/>
        </head>
        <body>
        <a class="skip" href="#content">To the content</a>
        <header>
        <h1>\(title)</h1>
        <p>\(words(document["info"], "summary"))</p>
        <p class="facts">Version \(words(document["info"], "version")) · OpenAPI \(words(document, "openapi")) ·
        <a href="\(DescriptionRoutes.documentPath)">openapi.json</a></p>
        </header>
        <nav aria-label="Contents">
        <details open="open"><summary>Contents</summary>
        <ul><li><a href="#overview">Overview</a></li><li><a href="#access">Who may call</a></li></ul>
        \(topics.map(contents))
        <ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Objects and values</a></li></ul>
        </details>
        </nav>
        <main id="content">
        <section id="overview"><h2>Overview</h2>\(HTML.prose(words(document["info"], "description")))</section>
        <section id="access"><h2>Who may call</h2>\(access)</section>
        \(topics.map(section))
        <section id="problems"><h2>Problems</h2>\(problems)</section>
        <section id="schemas"><h2>Objects and values</h2>\(schemas)</section>
        </main>
        </body>
        </html>

        """
    }

    private var title: String { words(document["info"], "title") }

    // MARK: Topics

    /// An operation with its place in the document.
    struct Entry {
        let method: String
        let path: String
        let shared: [JSON]
        let operation: JSON
        var id: String { operation["operationId"]?.text ?? "" }
    }

    private var topics: [JSON] { document["tags"]?.elements ?? [] }

    private func entries(of topic: JSON) -> [Entry] {
        members(document["paths"]).flatMap { item -> [Entry] in
            let shared = item.value["parameters"]?.elements ?? []
            return members(item.value).compactMap { member in
                guard member.name != "parameters", member.value["tags"]?.elements?.first == topic["name"] else {
                    return nil
                }
                return Entry(
                    method: member.name.uppercased(), path: item.name, shared: shared, operation: member.value)
            }
        }
    }

    private func contents(_ topic: JSON) -> HTML {
        let items: [HTML] = entries(of: topic).map { entry in
            """
            <li><a href="#\(entry.id)"><span class="method \(entry.method.lowercased())">\(entry.method)</span> \
            \(words(entry.operation, "summary"))</a></li>
            """
        }
        return "<h2>\(words(topic, "name"))</h2><ul>\(items)</ul>"
    }

    private func section(_ topic: JSON) -> HTML {
        """
        <section><h2>\(words(topic, "name"))</h2>\(HTML.prose(words(topic, "description")))
        \(entries(of: topic).map(article))</section>
        """
    }

    private var access: HTML {
        .joined(
            members(document["components"]?["securitySchemes"]).map { scheme in
                "<h3>\(scheme.name)</h3>\(HTML.prose(words(scheme.value, "description")))"
            })
    }

    // MARK: Reading

    func words(_ json: JSON?, _ name: String) -> String { json?[name]?.text ?? "" }

    func members(_ json: JSON?) -> [JSON.Member] {
        if case .object(let members)? = json { members } else { [] }
    }

    /// What a reference leads to within the document; anything else is itself.
    func resolved(_ json: JSON) -> JSON {
        guard let reference = json["$ref"]?.text else { return json }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }
}
