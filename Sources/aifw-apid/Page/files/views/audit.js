/// The page "Audit".
export function show(view) {
    view.show("Audit");
}
