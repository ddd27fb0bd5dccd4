"""Makes a network namespace, in which the world may listen on ports 25 and 53."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verification.world import RESOLVER

NAMESPACE = "verification-bench"


def missing() -> str | None:
    """Say why no namespace can be made here, or None."""
    if os.geteuid() != 0:
        return "only root may make a network namespace"
    if shutil.which("ip") is None:
        return "the command ip is not installed (Debian package iproute2)"
    return None


@contextmanager
def namespace() -> Iterator[list[str]]:
    """Make a namespace with loopback and a resolver; give the command prefix that enters it."""
    folder = Path("/etc/netns") / NAMESPACE
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        subprocess.run(["ip", "-n", NAMESPACE, "link", "set", "lo", "up"], check=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {RESOLVER[0]}\n")
        yield ["ip", "netns", "exec", NAMESPACE]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)
