export function openConfiguration() {}
