/// The boot of this host.
enum Boot {
    /// Another one after each (`boot_id` in proc_sys_kernel(5)); empty where the kernel does not say.
    static var id: String {
        let text = PrivateFile.read("/proc/sys/kernel/random/boot_id") ?? ""
        return String(text.prefix { $0 != "\n" })
    }
}
