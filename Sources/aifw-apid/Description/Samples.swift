import Wire

/// The values of the description's examples. The keys are made up for it and protect nothing.
enum Samples {
    static let tunnelID = "5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"
    static let peerID = "0b6fb5a1-6a55-4a7e-8f0f-6a2d5d0f2c11"
    static let associationID = "c3a1b7de-92f4-4c1e-a0a5-3b1f6f9d7e22"
    static let tokenID = "7e2f4c90-1d3b-4f6a-9c8e-5a0b1d2e3f44"
    static let userID = "1c9d3e5f-8a70-4b2c-9d1e-6f7a8b9c0d55"
    static let webhookID = "4f8a2b6c-3d5e-4a7b-8c9d-0e1f2a3b4c66"
    static let time: JSON = "2026-01-31T18:00:00Z"
    static let publicKey: JSON = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    static let peerKey: JSON = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
}
