internal import ArgumentParser

/// `aifw webhook`: who is told of changes by HTTP.
struct Webhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Receivers that are told of every change by a signed POST.",
        subcommands: [WebhookAdd.self, WebhookList.self, WebhookTest.self, WebhookRemove.self])
}
