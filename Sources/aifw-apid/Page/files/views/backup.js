/// The page "Backup".
export function show(view) {
    view.show("Backup");
}
