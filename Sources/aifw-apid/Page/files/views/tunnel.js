/// The page "Tunnel".
export function show(view) {
    view.show("Tunnel");
}
