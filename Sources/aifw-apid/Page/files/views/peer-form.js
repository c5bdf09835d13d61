export function openPeerForm() {}
