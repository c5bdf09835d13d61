export function openBulk() {}
