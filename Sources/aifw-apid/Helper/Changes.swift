/// Word of changes to whoever looks after what follows from them: that there was one since the last, and no more.
struct Changes: Sendable {
    /// One for all that were told of since the last was taken. For one reader.
    let all: AsyncStream<Void>
    private let told: AsyncStream<Void>.Continuation

    init() { (all, told) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func tell() { told.yield() }
}
