export function openTunnelForm() {}
