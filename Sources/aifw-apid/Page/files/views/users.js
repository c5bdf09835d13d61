/// The page "Users".
export function show(view) {
    view.show("Users");
}
