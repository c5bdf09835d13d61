/// How the page looks: system fonts, light or dark as the reader has it, from a phone's width up.
enum DescriptionPageStyle {
    static let css = """
        :root {
          --ground: #fff; --panel: #f5f6f8; --ink: #1b1f24; --quiet: #57606a; --line: #d8dee4; --link: #0b57d0;
          --get: #0a6640; --post: #0b57d0; --put: #8a5a00; --patch: #6b3fa0; --delete: #b3261e; --good: #0a6640;
          --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0f1318; --panel: #181e25; --ink: #e3e8ee; --quiet: #9aa6b2; --line: #2d353e; --link: #8ab4f8;
            --get: #6fcf97; --post: #8ab4f8; --put: #e6b450; --patch: #c9a5f7; --delete: #f28b82; --good: #6fcf97;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-padding-top: 1rem; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 var(--text); }
        a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--ground); z-index: 2; }
        header { padding: 2rem 1.25rem 1.25rem; border-bottom: 1px solid var(--line); }
        header h1 { margin: 0; font-size: 1.75rem; }
        header p { margin: .25rem 0 0; }
        .facts { color: var(--quiet); font-size: .875rem; }
        nav { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); font-size: .875rem; }
        nav h2 { margin: 1rem 0 .25rem; font-size: .8125rem; color: var(--quiet); font-weight: 600; overflow-wrap: anywhere; }
        nav ul { list-style: none; margin: 0; padding: 0; }
        nav a { display: flex; padding: .2rem .25rem; color: inherit; text-decoration: none; }
        nav .method { flex: none; padding-top: .25em; }
        nav a:hover { background: var(--panel); text-decoration: underline; }
        summary { cursor: pointer; color: var(--quiet); font-size: .875rem; padding: .25rem 0; }
        main { padding: 0 1.25rem 4rem; max-width: 62rem; min-width: 0; }
        h2 { margin: 2.5rem 0 .5rem; font-size: 1.375rem; }
        h3 { font-size: 1.0625rem; margin: 0; overflow-wrap: anywhere; }
        h3 a { color: inherit; text-decoration: none; }
        h3 a:hover { text-decoration: underline; }
        h4 { margin: 1.25rem 0 .25rem; font-size: .875rem; color: var(--quiet); }
        p { margin: .5rem 0; }
        article { margin: 1.25rem 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
        article:target, tr:target { border-color: var(--link); background: var(--panel); }
        .path { font-family: var(--mono); font-weight: 500; }
        .summary { font-weight: 600; }
        .method { display: inline-block; min-width: 4.6em; font: 600 .75rem var(--mono); color: var(--quiet); }
        .method.get { color: var(--get); }
        .method.post { color: var(--post); }
        .method.put { color: var(--put); }
        .method.patch { color: var(--patch); }
        .method.delete { color: var(--delete); }
        .scope, .status {
          display: inline-block; padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em;
          background: var(--panel); font: 500 .8125rem/1.6 var(--mono); white-space: nowrap;
        }
        .scope.open { color: var(--quiet); font-family: var(--text); }
        .status { border-radius: 4px; }
        .status.good { color: var(--good); }
        .headers, .needed, .or { color: var(--quiet); font-size: .8125rem; }
        .needed { font-weight: 400; white-space: nowrap; }
        code { font: .875em var(--mono); overflow-wrap: anywhere; }
        pre { margin: .25rem 0 .75rem; padding: .75rem 1rem; overflow-x: auto; background: var(--panel); border-radius: 6px; }
        pre code { overflow-wrap: normal; }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
        thead th { border-top: 0; color: var(--quiet); font-weight: 600; }
        tbody th { font-weight: 500; white-space: nowrap; }
        td { min-width: 7rem; }
        .problems { list-style: none; margin: .25rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
        .problems a { color: inherit; text-decoration: none; }
        .problems a:hover { text-decoration: underline; }
        @media (max-width: 40rem) {
          article { padding: .75rem 1rem; }
          table, tbody, tr, tbody th, td { display: block; }
          thead { display: none; }
          tr { padding: .5rem 0; border-top: 1px solid var(--line); }
          th, td { padding: 0; border-top: 0; min-width: 0; white-space: normal; }
        }
        @media (min-width: 60rem) {
          body { display: grid; grid-template: auto 1fr / 19rem minmax(0, 1fr); }
          header { grid-column: 1 / -1; padding-inline: 2rem; }
          nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding-left: 2rem; border-bottom: 0;
            border-right: 1px solid var(--line); }
          main { padding-inline: 2.5rem; }
        }
        @media print { nav { display: none; } }

        """
}
