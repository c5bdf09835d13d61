import Daemon
import ServiceLifecycle

/// The service that gives memory back which nothing needs any more.
///
/// The C library keeps what was freed, page by page, for the next request; after one large answer that can be more than
/// everything else this program holds.
struct MemoryUpkeep: Service {
    var period = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: period)
                Memory.giveBack()
            }
        }
    }
}
