/// The page "Overview".
export function show(view) {
    view.show("Overview");
}
