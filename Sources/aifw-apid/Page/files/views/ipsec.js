/// The page "IPsec".
export function show(view) {
    view.show("IPsec");
}
