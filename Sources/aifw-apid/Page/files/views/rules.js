/// The page "Rules".
export function show(view) {
    view.show("Rules");
}
