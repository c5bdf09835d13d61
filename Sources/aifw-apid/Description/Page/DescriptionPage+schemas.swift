import Wire

/// Objects and values on the page, and the list of problems.
extension DescriptionPage {
    var schemas: HTML {
        .joined(
            members(document["components"]?["schemas"]).filter { $0.name != "ProblemType" }.map { named in
                """
                <article id="schema-\(named.name)"><h3><a href="#schema-\(named.name)">\(named.name)</a></h3>
                \(HTML.prose(words(named.value, "description")))\(shape(named.value))</article>
                """
            })
    }

    var problems: HTML {
        let rows: [HTML] = members(document["components"]?["examples"]).map { problem in
            let value = problem.value["value"] ?? .null
            return """
                <tr id="problem-\(problem.name)"><td><span class="status">\(String(value["status"]?.integer ?? 0))</span></td>
                <th scope="row"><code>\(words(value, "type"))</code></th><td>\(words(value, "title"))</td>
                <td>\(words(value, "detail"))</td></tr>
                """
        }
        return table(nil, ["Status", "Type", "Title", "For example"], rows)
    }

    /// A schema by itself: the fields of an object, those of each alternative, or the words for a value.
    private func shape(_ schema: JSON) -> HTML {
        let alternatives = schema["anyOf"]?.elements ?? []
        if !alternatives.isEmpty, alternatives.allSatisfy({ $0["properties"] != nil }) {
            return .joined(alternatives.map(fields), by: "<p class=\"or\">or</p>")
        }
        return schema["properties"] == nil ? "<p>\(type(schema))</p>" : fields(schema)
    }

    private func fields(_ schema: JSON) -> HTML {
        let needed = schema["required"]?.elements ?? []
        let rows: [HTML] = members(schema["properties"]).map { field in
            let mark: HTML = needed.contains(.text(field.name)) ? "<span class=\"needed\"> required</span>" : ""
            return """
                <tr><th scope="row"><code>\(field.name)</code>\(mark)</th>
                <td>\(type(field.value))</td><td>\(HTML.inline(words(field.value, "description")))</td></tr>
                """
        }
        return table(nil, ["Field", "Type", "Meaning"], rows)
    }

    // MARK: Types

    /// What a value is, in words.
    func type(_ schema: JSON) -> HTML {
        if let reference = schema["$ref"]?.text, let name = reference.split(separator: "/").last.map(String.init) {
            return "<a href=\"#\(name == "ProblemType" ? "problems" : "schema-\(name)")\">\(name)</a>"
        }
        if let alternatives = schema["anyOf"]?.elements {
            return .joined(alternatives.map(type), by: " <span class=\"or\">or</span> ")
        }
        if let value = schema["const"] { return literal(value) }
        if let words = schema["enum"]?.elements { return .joined(words.map(literal), by: " · ") }
        if let properties = schema["properties"] {
            let fields: [HTML] = members(properties).map { "<code>\($0.name)</code>: \(type($0.value))" }
            return "{ \(HTML.joined(fields, by: ", ")) }"
        }
        return plain(schema)
    }

    private func plain(_ schema: JSON) -> HTML {
        switch schema["type"]?.text {
        case "array": "list of \(type(schema["items"] ?? .null))"
        case "integer": "whole number\(range(schema))"
        case "string": "text\(form(schema))"
        case "boolean": "true or false"
        case let word?: "\(word)"
        case nil: "anything"
        }
    }

    private func range(_ schema: JSON) -> HTML {
        guard let least = schema["minimum"]?.integer else { return "" }
        guard let most = schema["maximum"]?.integer else { return " from \(String(least))" }
        return " \(String(least))…\(String(most))"
    }

    private func form(_ schema: JSON) -> HTML {
        if let format = schema["format"]?.text { return " (\(format))" }
        guard let pattern = schema["pattern"]?.text, pattern.utf8.count <= 64 else { return "" }
        return " <code class=\"pattern\">\(pattern)</code>"
    }

    private func literal(_ value: JSON) -> HTML {
        let text = value.serialized.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return "<code>\(text)</code>"
    }

    // MARK: Tables

    func table(_ title: String?, _ columns: [String], _ rows: [HTML]) -> HTML {
        let heads: [HTML] = columns.map { "<th scope=\"col\">\($0)</th>" }
        let heading: HTML = title.map { "<h4>\($0)</h4>" } ?? ""
        return """
            \(heading)<div class="table" tabindex="0"><table><thead><tr>\(heads)</tr></thead><tbody>\(rows)</tbody></table>\
            </div>
            """
    }
}
