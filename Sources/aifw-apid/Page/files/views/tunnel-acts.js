import { post, remove } from "../lib/api.js";
export async function startTunnel(tunnel, done) {
    await post(`/vpn/wg/${tunnel.id}/start`);
    await done();
}
export async function askToStop(tunnel, done) {
    await post(`/vpn/wg/${tunnel.id}/stop`);
    await done();
}
export async function askToDelete(tunnel, done) {
    await remove(`/vpn/wg/${tunnel.id}`);
    await done();
}
