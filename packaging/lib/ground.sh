# shellcheck shell=bash
# Two network namespaces joined by a cable, each with a mount namespace of its own: the gateway, where the helper works,
# and the client. The host's interfaces, routes and /run stay as they are. Sourced after steps.sh.
#
#   host ──── aifw-apid on 127.0.0.1
#   aifw-PID-gateway  192.0.2.1/24 ──veth── 192.0.2.2/24  aifw-PID-client

GATEWAY=aifw-$$-gateway
CLIENT=aifw-$$-client
GATEWAY_ADDRESS=192.0.2.1
CLIENT_ADDRESS=192.0.2.2
# The processes that keep the mount namespaces, and with them /run/wireguard, while daemons come and go.
GATEWAY_HOLDER=''
CLIENT_HOLDER=''
# The client's wireguard-go, where the kernel has no WireGuard.
CLIENT_WIREGUARD=''

# hold NAMESPACE VARIABLE: starts a process in it that does nothing, with an empty /run, and puts its id in VARIABLE.
# wireguard-go's control socket is /run/wireguard/NAME.sock in every network namespace, so /run has to be one's own.
hold() {
    local namespace=$1 tries=100
    set -m
    ip netns exec "$namespace" sh -c 'mount -t tmpfs -o mode=0755 tmpfs /run && exec sleep infinity' &
    printf -v "$2" '%s' $!
    set +m
    until [ "$(cat "/proc/$!/comm" 2>/dev/null)" = sleep ]; do
        if ! kill -0 $! 2>/dev/null || [ $((tries -= 1)) = 0 ]; then
            die "no mount namespace could be made for $namespace" "A container needs CAP_SYS_ADMIN and CAP_NET_ADMIN."
        fi
        sleep 0.05
    done
}

in_gateway() { nsenter --target "$GATEWAY_HOLDER" --net --mount -- "$@"; }
in_client() { nsenter --target "$CLIENT_HOLDER" --net --mount -- "$@"; }

make_ground() {
    local namespace
    for namespace in "$GATEWAY" "$CLIENT"; do
        ip netns add "$namespace" || die "no network namespace could be made" "A container needs CAP_SYS_ADMIN."
        ip -n "$namespace" link set lo up
    done
    hold "$GATEWAY" GATEWAY_HOLDER
    hold "$CLIENT" CLIENT_HOLDER
    ip -n "$GATEWAY" link add uplink type veth peer name uplink netns "$CLIENT"
    ip -n "$GATEWAY" address add "$GATEWAY_ADDRESS/24" dev uplink
    ip -n "$CLIENT" address add "$CLIENT_ADDRESS/24" dev uplink
    ip -n "$GATEWAY" link set uplink up
    ip -n "$CLIENT" link set uplink up
    # What a gateway on the Internet has; its source address is what client configurations get as Endpoint.
    ip -n "$GATEWAY" route add default via "$CLIENT_ADDRESS"
}

# end_group PROCESS: ends the process group that PROCESS leads, politely for three seconds, and waits for it.
end_group() {
    local tries=30
    [ -n "$1" ] || return 0
    kill -TERM -- "-$1" 2>/dev/null || :
    while kill -0 -- "-$1" 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
    kill -KILL -- "-$1" 2>/dev/null || :
    wait "$1" 2>/dev/null || :
}

# clear_ground: ends every process in the two namespaces (wireguard-go, which outlives the helper by design, among
# them) and removes them with all their links.
clear_ground() {
    local namespace process tries
    for namespace in "$GATEWAY" "$CLIENT"; do
        [ -e "/run/netns/$namespace" ] || continue
        for process in $(ip netns pids "$namespace"); do kill -TERM "$process" 2>/dev/null || :; done
        tries=20
        while [ -n "$(ip netns pids "$namespace")" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
        for process in $(ip netns pids "$namespace"); do kill -KILL "$process" 2>/dev/null || :; done
        ip netns delete "$namespace" || :
    done
    for process in $GATEWAY_HOLDER $CLIENT_HOLDER $CLIENT_WIREGUARD; do wait "$process" 2>/dev/null || :; done
}

configured() { # configured KEY FILE: the values of KEY in a wg-quick configuration, one a line
    sed -n "s/^$1 *= *//p" "$2" | tr ',' '\n' | sed 's/^ *//; s/ *$//'
}

# raise_client FILE: what wg-quick would do with the configuration, in the client's namespace, with its own tools. A full
# tunnel needs no policy routing here: the gateway's address is on the cable itself, a more specific route than default.
raise_client() {
    local file=$1 link value tries=100
    link=$(basename "$file" .conf)
    if ! ip -n "$CLIENT" link add "$link" type wireguard 2>/dev/null; then
        nsenter --target "$CLIENT_HOLDER" --net --mount -- wireguard-go -f "$link" >/dev/null 2>&1 &
        CLIENT_WIREGUARD=$!
        until in_client test -S "/run/wireguard/$link.sock"; do
            if ! kill -0 "$CLIENT_WIREGUARD" 2>/dev/null || [ $((tries -= 1)) = 0 ]; then
                die "the client has no WireGuard: not in the kernel, and wireguard-go does not start" \
                    "wireguard-go needs /dev/net/tun: modprobe tun, or give it to the container."
            fi
            sleep 0.05
        done
    fi
    wg-quick strip "$file" | in_client wg setconf "$link" /dev/stdin
    for value in $(configured Address "$file"); do ip -n "$CLIENT" address add "$value" dev "$link"; done
    for value in $(configured MTU "$file"); do ip -n "$CLIENT" link set "$link" mtu "$value"; done
    ip -n "$CLIENT" link set "$link" up
    for value in $(configured AllowedIPs "$file"); do ip -n "$CLIENT" route replace "$value" dev "$link"; done
}
