"""Debian's chromium, driven by Debian's chromedriver."""

import shutil
import tempfile
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from .waiting import wait_until

# Not Debian's wrapper: that one hands over an API key and the host's extensions.
PROGRAM = "/usr/lib/chromium/chromium"
DRIVER = "/usr/bin/chromedriver"
# How it runs here; below is what it leaves off.
_SWITCHES = (
    "--headless=new",
    # The tests are root, for their namespaces, and chromium's sandbox refuses root; the pages are our own.
    "--no-sandbox",
    # /dev/shm may be small, and is not needed.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--lang=en-US",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    # No name is looked up, and nobody is asked on the way.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,"
    "MediaRouter,OptimizationHints,Translate",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
)
# No bubble over the page, no question where a download goes, no password sent to be compared with leaked ones.
_PREFERENCES = {
    "credentials_enable_service": False,
    "profile.password_manager_enabled": False,
    "profile.password_manager_leak_detection": False,
    "safebrowsing.enabled": False,
    "search.suggest_enabled": False,
    "download.prompt_for_download": False,
}


class Chromium:
    """One process, with a folder of its own for all that it writes. `close()` ends it and removes the folder."""

    def __init__(self):
        for program, package in ((PROGRAM, "chromium"), (DRIVER, "chromium-driver")):
            assert Path(program).exists(), f"no {program}: it is in Debian's {package} (packaging/build-deps --tests)"
        self.folder = Path(tempfile.mkdtemp(prefix="aifw-chromium-"))
        self.downloads = self.folder / "downloads"
        self.downloads.mkdir()
        # With the driver's path given, selenium looks for none, so it has nothing to download and nobody to tell.
        # In a session of its own a Ctrl-C does not end it before close(), which would leave the browser behind.
        service = Service(DRIVER, popen_kw={"start_new_session": True}, env={
            "PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder), "LANG": "C.UTF-8"})
        try:
            self.driver = Chrome(options=self._options(), service=service)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        self.driver.set_script_timeout(20)
        self.driver.set_page_load_timeout(30)

    def _options(self):
        options = ChromeOptions()
        options.binary_location = PROGRAM
        for switch in (*_SWITCHES, f"--user-data-dir={self.folder / 'profile'}"):
            options.add_argument(switch)
        options.add_experimental_option(
            "prefs", _PREFERENCES | {"download.default_directory": str(self.downloads)})
        options.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # A world's certificate is its own; no other host can be reached.
        options.accept_insecure_certs = True
        return options

    def command(self, name, /, **parameters):
        """A command of the DevTools protocol, to the present tab."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def forget(self, origin):
        """Leaves the page, closes all tabs but one, and forgets what a page of `origin` has stored and downloaded."""
        driver = self.driver
        for tab in driver.window_handles[1:]:
            driver.switch_to.window(tab)
            driver.close()
        driver.switch_to.window(driver.window_handles[0])
        driver.get("about:blank")
        self.command("Network.clearBrowserCookies")
        self.command("Network.clearBrowserCache")
        self.command("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
        for file in self.downloads.iterdir():
            file.unlink()

    def close(self):
        self.driver.quit()
        # A helper process may still write for a moment.
        wait_until(self._removed, f"the end of what writes to {self.folder}")

    def _removed(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        return not self.folder.exists()
