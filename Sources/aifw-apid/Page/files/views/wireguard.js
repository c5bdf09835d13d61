/// The page "WireGuard".
export function show(view) {
    view.show("WireGuard");
}
