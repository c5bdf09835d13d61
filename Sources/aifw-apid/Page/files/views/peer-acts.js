import { patch, post, remove } from "../lib/api.js";
import { confirm } from "../lib/dialog.js";
export async function setPeerEnabled(tunnel, peer, enabled, done) {
    await patch(`/vpn/wg/${tunnel.id}/peers/${peer.id}`, { body: { enabled } });
    await done();
}
export async function askToRotate(tunnel, peer, done) {
    await post(`/vpn/wg/${tunnel.id}/peers/${peer.id}/rotate`);
    await done();
}
export function askToDeletePeer(tunnel, peer, done) {
    confirm({
        title: "Delete the peer?", text: peer.name, action: "Delete peer",
        run: async () => {
            await remove(`/vpn/wg/${tunnel.id}/peers/${peer.id}`);
            await done();
        },
    });
}
