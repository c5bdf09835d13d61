import Wire

/// What a body says of a webhook.
struct WebhookFields: Sendable {
    let name: ObjectName?
    let url: WebhookURL?
    let objects: Field<WebhookObjects>
    let isEnabled: Bool?

    /// An address that nothing may be sent to is told here; a name is looked up, and checked, at each delivery.
    ///
    /// - Parameter isNew: whether name and URL are needed.
    init(_ reader: BodyReader, isNew: Bool, _ networks: WebhookNetworks) {
        if isNew {
            name = reader.required("name", as: ObjectName.self)
            url = reader.required("url", as: WebhookURL.self)
        } else {
            let (name, url) = (
                reader.optional("name", as: ObjectName.self), reader.optional("url", as: WebhookURL.self)
            )
            reader.refuseNull("name", name)
            reader.refuseNull("url", url)
            (self.name, self.url) = (name.value, url.value)
        }
        let events = reader.optional("events", as: WebhookEvents.self)
        objects = reader.optional("objects", as: WebhookObjects.self)
        let enabled = reader.optional("enabled", as: Bool.self)
        reader.refuseNull("events", events)
        reader.refuseNull("enabled", enabled)
        isEnabled = enabled.value
        if let address = url?.address, let objection = networks.objection(to: address) {
            reader.fault("url", "must lead where webhooks may call: \(address) \(objection)")
        }
    }
}
