"""A real Postfix at its default limits and a real NSD, started on loopback ports."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: The programs that the test needs, with the Debian packages that bring them.
PROGRAMS = {"postfix": "postfix", "nsd": "nsd"}

_ZONE = """
$ORIGIN {domain}.
$TTL 60
@ IN SOA ns.{domain}. hostmaster.{domain}. 1 3600 600 86400 60
@ IN NS ns.{domain}.
ns IN A 127.0.0.1
{records}
"""

ZONES = {
    "reader.test": "@ IN MX 10 mx.reader.test.\nmx IN A 127.0.0.1",
    "catchall.test": "@ IN MX 10 mx.catchall.test.\nmx IN A 127.0.0.1",
    "elsewhere.test": "@ IN MX 10 mx.elsewhere.test.\nmx IN A 127.0.0.1",
    "implicit.test": "@ IN A 127.0.0.1",
    "nullmx.test": "@ IN MX 0 .",
    "nomail.test": "@ IN TXT nothing",
    "nowhere.test": "@ IN MX 10 gone.nowhere.test.",
}


def missing() -> str | None:
    """Say which program is missing, or None when the test can run."""
    absent = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if absent:
        return f"Debian package not installed: {', '.join(absent)}"
    return None if os.geteuid() == 0 else "Postfix must be started by root"


def free_port() -> int:
    """Find a TCP port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Postfix:
    """A running Postfix."""

    port: int
    log: Path


@contextmanager
def running_postfix(folder: Path, mailboxes: list[str]) -> Iterator[Postfix]:
    """Run Postfix with these mailboxes at reader.test and implicit.test, and default limits."""
    for name in ("conf", "spool", "data", "log"):
        (folder / name).mkdir()
    _open_to_all(folder)
    shutil.chown(folder / "data", "postfix")
    port = free_port()
    known = " ".join(f"{{{mailbox}=x}}" for mailbox in [*mailboxes, "@catchall.test"])
    answers = {
        "disabled@reader.test": "550 5.2.1 This mailbox is disabled",
        "full@reader.test": "552 5.2.2 Mailbox full",
        "grey@reader.test": "450 4.2.0 Greylisted, please try again in 300 seconds",
    }
    access = " ".join(f"{{{mailbox}={answer}}}" for mailbox, answer in answers.items())
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "spool",
        "data_directory": folder / "data",
        "myhostname": "mx.reader.test",
        "mydestination": "",
        "virtual_mailbox_domains": "reader.test implicit.test catchall.test",
        "virtual_mailbox_maps": f"inline:{{ {known} }}",
        "virtual_transport": "discard:",
        "default_transport": "error:no delivery",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "192.0.2.0/24",
        "smtpd_relay_restrictions": "reject_unauth_destination",
        "smtpd_recipient_restrictions": f"check_recipient_access inline:{{ {access} }}, permit",
        "alias_maps": "",
        "alias_database": "",
        "maillog_file": folder / "log" / "mail.log",
        "maillog_file_prefixes": folder,
    }
    main = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (folder / "conf" / "main.cf").write_text(main + "\n")
    stock = Path("/usr/share/postfix/master.cf.dist").read_text()
    services = [_service(line, port) for line in stock.splitlines()]
    (folder / "conf" / "master.cf").write_text("\n".join(services) + "\n")
    command = ["postfix", "-c", str(folder / "conf")]
    subprocess.run([*command, "start"], check=True, capture_output=True, timeout=60)
    try:
        _wait_for(port)
        yield Postfix(port, folder / "log" / "mail.log")
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True, timeout=60)


def _service(line: str, port: int) -> str:
    """Put the SMTP service on our port, and no service into a chroot."""
    fields = line.split(maxsplit=7)
    if len(fields) < 8 or line.startswith(("#", " ", "\t")):
        return line
    if fields[0] == "smtp" and fields[1] == "inet":
        fields[0] = f"127.0.0.1:{port}"
    fields[4] = "n"
    return " ".join(fields)


@contextmanager
def running_nsd(folder: Path) -> Iterator[tuple[str, int]]:
    """Run NSD as the authority of our zones; give its host and port."""
    port = free_port()
    zones = []
    for domain, records in ZONES.items():
        file = folder / f"{domain}.zone"
        file.write_text(_ZONE.format(domain=domain, records=records))
        zones.append(f"zone:\n  name: {domain}\n  zonefile: {file}\n")
    config = folder / "nsd.conf"
    config.write_text(
        f'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  database: ""\n'
        f"  pidfile: {folder}/nsd.pid\n  xfrdfile: {folder}/xfrd.state\n  zonesdir: {folder}\n"
        f"  zonelistfile: {folder}/zone.list\n  answer-cookie: no\n  server-count: 1\n"
        "remote-control:\n  control-enable: no\n" + "".join(zones)
    )
    server = subprocess.Popen(
        ["nsd", "-d", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _open_to_all(folder: Path) -> None:
    """Let the users that the servers become reach their folders."""
    for parent in [folder, *folder.parents]:
        if parent == Path("/tmp"):
            return
        parent.chmod(parent.stat().st_mode | 0o755)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing listens on port {port}.")
