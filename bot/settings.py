"""Settings: the one place that reads the environment and the `.env` file."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can set; each field is the environment variable of its name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    #: The bot's token, xoxb-..., from OAuth & Permissions.
    slack_bot_token: SecretStr = SecretStr("")
    #: The app-level token, xapp-..., with the scope connections:write.
    slack_app_token: SecretStr = SecretStr("")
    #: Slack's Web API; another address only for the sandbox.
    slack_api_url: str = "https://slack.com/api/"

    #: Where the database, the engine's file and the key are kept.
    data_dir: Path = Path("data")
    #: A SQLAlchemy address; empty for SQLite in the data folder.
    database_url: str = ""
    #: Seconds to wait for another program that holds the database.
    database_wait_seconds: Annotated[float, Field(gt=0)] = 30.0
    #: Base64 of 32 bytes; empty for a key file in the data folder.
    encryption_key: SecretStr = SecretStr("")

    convertkit_v3_url: str = "https://api.convertkit.com/v3"
    convertkit_v4_url: str = "https://api.kit.com/v4"
    #: ConvertKit allows 120 in any 60 seconds; some are left for the team's other tools.
    convertkit_calls_per_minute: Annotated[float, Field(gt=0)] = 110.0

    #: The name this machine says in EHLO: it must resolve to this machine and back.
    smtp_helo: str = ""
    #: The sender of the probes: an address of yours that receives mail.
    smtp_mail_from: str = ""
    smtp_port: int = 25
    #: Recipients a second for one mail organisation; empty for each provider's polite default.
    smtp_rate: Annotated[float | None, Field(gt=0)] = None
    #: Mail servers that the doctor and the hourly look greet, to see whether the port is open.
    smtp_check_hosts: Annotated[tuple[str, ...], NoDecode] = (
        "gmail-smtp-in.l.google.com",
        "in1-smtp.messagingengine.com",
    )
    #: host:port of a resolver; empty for the system's own.
    dns_resolver: str = ""
    #: Connect to private and loopback mail servers: only for the sandbox.
    allow_private_networks: bool = False
    #: Ask Yahoo and Microsoft's consumer mail as well, though they do not want it.
    probe_reluctant_providers: bool = False

    #: Credits that a new workspace is granted.
    welcome_credits: Annotated[int, Field(ge=0)] = 200
    #: How long an approval may be given, in seconds.
    approval_expires_seconds: Annotated[float, Field(gt=0)] = 7 * 24 * 3600.0
    #: When unconfirmed unsubscribes are read again after the last call, in seconds.
    proof_delays_seconds: Annotated[tuple[float, ...], NoDecode] = (600.0, 3600.0)
    #: Waits before each further look at greylisted addresses, in seconds.
    retry_delays_seconds: Annotated[tuple[float, ...], NoDecode] = (360.0, 900.0, 2100.0)
    #: Waits while ConvertKit does not answer, in seconds; then the job stops.
    outage_delays_seconds: Annotated[tuple[float, ...], NoDecode] = (
        60.0,
        300.0,
        900.0,
        1800.0,
        3600.0,
        3600.0,
        3600.0,
    )
    #: On PostgreSQL, the jobs of a process that says nothing for so many seconds go on elsewhere.
    takeover_seconds: Annotated[float, Field(ge=1)] = 30.0
    #: A message is updated at most this often while work goes on, in seconds.
    progress_seconds: Annotated[float, Field(gt=0)] = 3.0
    #: Addresses and verdicts are deleted so many days after the end of their run.
    retention_days: Annotated[int, Field(ge=1)] = 15
    #: Whoever asked is told when a job has not moved for so many minutes.
    stuck_minutes: Annotated[float, Field(gt=0)] = 15.0
    #: Where figures for Prometheus are served, at /metrics; 0 for nowhere.
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    #: This machine's address that they are served at. They name no person, list or workspace.
    metrics_host: str = "127.0.0.1"
    log_level: str = "INFO"

    @field_validator(
        "proof_delays_seconds",
        "retry_delays_seconds",
        "outage_delays_seconds",
        "smtp_check_hosts",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        """Read "600,3600" as a list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("dns_resolver")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        """Refuse a resolver without a port, which would silently be another one."""
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdecimal()):
            raise ValueError("write it as host:port, such as 127.0.0.1:53")
        return value

    @property
    def database(self) -> str:
        """Give the address of the database, with the driver that the bot uses."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'listkeeper.sqlite'}"

    @property
    def on_postgres(self) -> bool:
        """Tell whether several processes can share the database."""
        return self.database_url.startswith("postgresql")

    @property
    def engine_database(self) -> str:
        """Give the address of the job engine's own database."""
        if self.on_postgres:
            return self.database_url
        return f"sqlite:///{self.data_dir / 'engine.sqlite'}"

    @property
    def resolver(self) -> tuple[str, int] | None:
        """Give the resolver as host and port; None for the system's own."""
        host, _, port = self.dns_resolver.rpartition(":")
        return (host, int(port)) if host else None


def seconds(values: tuple[float, ...]) -> tuple[timedelta, ...]:
    """Turn seconds into lengths of time."""
    return tuple(timedelta(seconds=value) for value in values)
