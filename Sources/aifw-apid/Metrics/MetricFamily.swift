/// One metric as Prometheus knows it: its name, how it is counted, and what it says.
///
/// Names are by Prometheus' guide (prometheus.io/docs/practices/naming): base units, `_total` for what only grows.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    /// One sentence, for whoever meets it in Prometheus.
    let help: String
}

/// What is recorded as it happens, through swift-metrics. Nothing else that is recorded there is kept
/// (``MetricsRegistry``).
extension MetricFamily {
    static let recorded: [MetricFamily] = [
        requestDuration, connections, logInFailures, helperDuration, helperFailures, reconcileRuns, reconcileFailures,
        reconcileDuration, repairs, repairFailures, commits, commitFailures,
    ]

    static let requestDuration = MetricFamily(
        name: "http_server_request_duration_seconds", kind: .histogram,
        help: "Time from a request's head to the head of its answer.")
    static let connections = MetricFamily(
        name: "aifw_open_connections", kind: .gauge, help: "Connections of clients that are open.")
    static let logInFailures = MetricFamily(
        name: "aifw_login_failures_total", kind: .counter,
        help: "Log-ins that were refused: for what was given, or for too many attempts.")
    static let helperDuration = MetricFamily(
        name: "aifw_helper_request_duration_seconds", kind: .histogram,
        help: "Time from a request to aifw-privd to the end of its answer.")
    static let helperFailures = MetricFamily(
        name: "aifw_helper_request_failures_total", kind: .counter,
        help: "Requests to aifw-privd that it refused, or did not answer.")
    static let reconcileRuns = MetricFamily(
        name: "aifw_reconcile_runs_total", kind: .counter,
        help: "Comparisons of everything with the kernel that were begun.")
    static let reconcileFailures = MetricFamily(
        name: "aifw_reconcile_failures_total", kind: .counter,
        help: "Comparisons with the kernel that could not be carried out.")
    static let reconcileDuration = MetricFamily(
        name: "aifw_reconcile_duration_seconds", kind: .histogram,
        help: "Time that comparisons with the kernel and their repairs took.")
    static let repairs = MetricFamily(
        name: "aifw_reconcile_repairs_total", kind: .counter,
        help: "Repairs that were begun, for the kernel was not as it should be.")
    static let repairFailures = MetricFamily(
        name: "aifw_reconcile_repair_failures_total", kind: .counter, help: "Repairs that were refused.")
    static let commits = MetricFamily(
        name: "aifw_store_commits_total", kind: .counter, help: "Transactions that reached the disk.")
    static let commitFailures = MetricFamily(
        name: "aifw_store_commit_failures_total", kind: .counter,
        help: "Transactions that could not be begun or committed.")
}

/// What is looked up when somebody asks.
extension MetricFamily {
    static let build = MetricFamily(
        name: "aifw_build_info", kind: .gauge, help: "Always 1; the label tells the version of aifw-apid.")
    static let queue = MetricFamily(
        name: "aifw_store_waiting_writes", kind: .gauge, help: "Writes that wait for their turn.")
    static let helperUp = MetricFamily(
        name: "aifw_helper_up", kind: .gauge,
        help: "Whether aifw-privd answered when it was last asked for everything.")

    // What was read from the helper last.
    static let tunnels = MetricFamily(name: "aifw_tunnels", kind: .gauge, help: "Tunnels by their status.")
    static let associations = MetricFamily(
        name: "aifw_associations", kind: .gauge, help: "IPsec associations by their status.")
    static let peers = MetricFamily(name: "aifw_peers", kind: .gauge, help: "Peers of all tunnels by their state.")
    static let tunnelInfo = MetricFamily(
        name: "aifw_tunnel_info", kind: .gauge, help: "Always 1; the labels tell the name of a tunnel.")
    static let received = MetricFamily(
        name: "aifw_receive_bytes_total", kind: .counter, help: "Bytes that came from the peers of a tunnel.")
    static let sent = MetricFamily(
        name: "aifw_transmit_bytes_total", kind: .counter, help: "Bytes that were sent to the peers of a tunnel.")
    static let handshake = MetricFamily(
        name: "aifw_latest_handshake_timestamp_seconds", kind: .gauge,
        help: "When the youngest session of a tunnel began; left out where there was none.")

    // The same of each peer.
    static let peersLeftOut = MetricFamily(
        name: "aifw_peers_left_out", kind: .gauge,
        help: "Peers without series of their own, for there are more than are shown.")
    static let peerInfo = MetricFamily(
        name: "aifw_peer_info", kind: .gauge, help: "Always 1; the labels tell the name of a peer.")
    static let peerReceived = MetricFamily(
        name: "aifw_peer_receive_bytes_total", kind: .counter, help: "Bytes that came from a peer.")
    static let peerSent = MetricFamily(
        name: "aifw_peer_transmit_bytes_total", kind: .counter, help: "Bytes that were sent to a peer.")
    static let peerHandshake = MetricFamily(
        name: "aifw_peer_latest_handshake_timestamp_seconds", kind: .gauge,
        help: "When the latest session of a peer began; left out where there was none.")

    // As every program has them that Prometheus' own libraries are in.
    static let startTime = MetricFamily(
        name: "process_start_time_seconds", kind: .gauge, help: "When aifw-apid was started, since the epoch.")
    static let processorTime = MetricFamily(
        name: "process_cpu_seconds_total", kind: .counter, help: "Processor time that aifw-apid has used.")
    static let residentMemory = MetricFamily(
        name: "process_resident_memory_bytes", kind: .gauge, help: "Memory of aifw-apid that is in RAM.")
    static let openFiles = MetricFamily(
        name: "process_open_fds", kind: .gauge, help: "File descriptors that aifw-apid has open.")
}
