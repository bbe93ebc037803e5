"""A page in headless Chromium."""

import os
import subprocess
import tempfile


def chromium(page, *options, size=(1280, 1000), timeout=60):
    """Runs it on a file, in a profile that is thrown away. Its standard output."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
                   f"--window-size={size[0]},{size[1]}", *options, "file://" + os.path.abspath(page)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=timeout, check=True).stdout.decode()


def document(page):
    """The page as HTML, when its scripts have run."""
    return chromium(page, "--dump-dom")


def picture(page, png, size, scale=1, dark=False):
    options = ["--blink-settings=preferredColorScheme=0"] if dark else []
    chromium(page, f"--screenshot={os.path.abspath(png)}", f"--force-device-scale-factor={scale}", *options, size=size)
