import Wire

/// One operation on the page: who may call it, what it takes, what it answers.
extension DescriptionPage {
    func article(_ entry: Entry) -> HTML {
        """
        <article id="\(entry.id)">
        <h3><a href="#\(entry.id)"><span class="method \(entry.method.lowercased())">\(entry.method)</span>
        <span class="path">\(entry.path)</span></a></h3>
        <p class="summary">\(words(entry.operation, "summary"))\(scopes(entry.operation))</p>
        \(HTML.prose(words(entry.operation, "description")))
        \(parameters(entry))\(body(entry.operation))\(answers(entry.operation))
        </article>
        """
    }

    private func scopes(_ operation: JSON) -> HTML {
        guard let ways = operation["security"]?.elements, let first = ways.first else {
            return " <span class=\"scope open\">open to all</span>"
        }
        let needed = members(first).first?.value.elements ?? []
        guard !needed.isEmpty else { return " <span class=\"scope open\">whoever is known</span>" }
        return .joined(needed.map { " <span class=\"scope\">\($0.text ?? "")</span>" })
    }

    private func parameters(_ entry: Entry) -> HTML {
        let all = (entry.shared + (entry.operation["parameters"]?.elements ?? [])).map(resolved)
        guard !all.isEmpty else { return "" }
        let rows: [HTML] = all.map { parameter in
            """
            <tr><th scope="row"><code>\(words(parameter, "name"))</code></th><td>\(words(parameter, "in"))</td>
            <td>\(type(parameter["schema"] ?? .null))</td>
            <td>\(HTML.inline(words(parameter, "description")))</td></tr>
            """
        }
        return table("Parameters", ["Name", "In", "Type", "Meaning"], rows)
    }

    private func body(_ operation: JSON) -> HTML {
        guard let body = operation["requestBody"] else { return "" }
        let content = members(body["content"])
        guard let first = content.first else { return "" }
        let types: [HTML] = content.map { "<code>\($0.name)</code>" }
        return """
            <h4>Request</h4>
            <p>\(type(first.value["schema"] ?? .null)) as \(HTML.joined(types, by: " or ")). \(words(body, "description"))</p>
            \(examples(first.value))
            """
    }

    private func answers(_ operation: JSON) -> HTML {
        let all = members(operation["responses"])
        let problems = all.flatMap { answer -> [HTML] in
            let content = answer.value["content"]?["application/problem+json"]
            return members(content?["examples"]).map { problem in
                """
                <li><a href="#problem-\(problem.name)"><span class="status">\(answer.name)</span> \
                <code>\(problem.name)</code></a></li>
                """
            }
        }
        let good: [HTML] = all.filter { $0.value["content"]?["application/problem+json"] == nil }.map(answer)
        return """
            <h4>Answers</h4>\(good)
            <details><summary>Problems</summary><ul class="problems">\(problems)</ul></details>
            """
    }

    private func answer(_ answer: JSON.Member) -> HTML {
        let headers: [HTML] = members(answer.value["headers"]).map { "<code>\($0.name)</code>" }
        let forms: [HTML] = members(answer.value["content"]).map { form in
            "<p><code>\(form.name)</code> \(type(form.value["schema"] ?? .null))</p>\(examples(form.value))"
        }
        return """
            <p><span class="status good">\(answer.name)</span> \(HTML.inline(words(answer.value, "description")))
            <span class="headers">\(HTML.joined(headers, by: " "))</span></p>\(forms)
            """
    }

    private func examples(_ form: JSON) -> HTML {
        .joined(
            members(form["examples"]).map { example in
                let value = example.value["value"] ?? .null
                return """
                    <details><summary>\(words(example.value, "summary"))</summary>
                    <pre tabindex="0"><code>\(value.text ?? Self.indented(value))</code></pre></details>
                    """
            })
    }

    /// JSON as people write it.
    private static func indented(_ json: JSON, _ margin: String = "") -> String {
        let inner = margin + "  "
        switch json {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                "\(inner)\(text(.text(member.name))): \(indented(member.value, inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(margin)}"
        case .array(let elements) where elements.contains { $0.elements != nil || $0.kind == "an object" }:
            let lines = elements.map { inner + indented($0, inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(margin)]"
        default: return text(json)
        }
    }

    private static func text(_ json: JSON) -> String {
        json.serialized.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
