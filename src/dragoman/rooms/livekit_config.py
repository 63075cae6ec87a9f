"""Write livekit-server's configuration: for this machine alone, or for a local network. To livekit_server.py.

Nothing in it names anybody else's server. Signalling stays on loopback in both: browsers reach it through our API's
one origin; media goes straight to ``tcp_port`` and ``udp_port``.
"""

import json
import os
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from dragoman.rooms.key_pair import KeyPair
from dragoman.wire.frames import Header

LOOPBACK = IPv4Address("127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKitPorts:
    """Where the server listens."""

    signalling: int = 7880
    """TCP, loopback."""
    media_tcp: int = 7881
    media_udp: int = 7882
    metrics: int | None = None
    """Prometheus, loopback; None for no metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKitConfig:
    """Everything that is chosen about the server."""

    keys: KeyPair
    ports: LiveKitPorts = field(default_factory=LiveKitPorts)
    media_address: IPv4Address = LOOPBACK
    """The one address that browsers send media to: this machine's on the network, or the router's before it. With
    loopback they are told each that media arrives at, and choose."""
    interfaces: tuple[IPv4Address, ...] = ()
    """This machine's addresses that media arrives at besides ``media_address``."""
    webhook_urls: tuple[str, ...] = ()
    empty_timeout_s: int = 300
    """How long a room nobody has entered stays."""
    departure_timeout_s: int = 20
    """How long a room stays after the last person has left."""

    @property
    def url(self) -> str:
        """Where participants on this machine connect."""
        return f"ws://{LOOPBACK}:{self.ports.signalling}"

    def describe(self) -> Header:
        """Give the configuration in the words of livekit-server 1.13."""
        addresses = sorted({f"{address}/32" for address in (LOOPBACK, self.media_address, *self.interfaces)})
        config: Header = {
            "port": self.ports.signalling,
            "bind_addresses": [str(LOOPBACK)],
            "rtc": {
                "tcp_port": self.ports.media_tcp,
                "udp_port": self.ports.media_udp,
                "use_external_ip": False,
                # It is put into every candidate instead of the address that media arrives at, so it is left out where
                # there may be two of these (docs/decisions/0013).
                **({} if self.media_address.is_loopback else {"node_ip": str(self.media_address)}),
                "enable_loopback_candidate": self.media_address.is_loopback,
                "ips": {"includes": [*addresses]},
                # Without any the clients are told to ask public ones, and without ``node_ip`` the server asks them too.
                # Nothing answers here, and nothing needs to.
                "stun_servers": [f"{self.media_address}:3478"],
            },
            "turn": {"enabled": False},
            "keys": {self.keys.key: self.keys.secret},
            "room": {
                # After a crash of the server its clients come back by themselves only if they may make their room.
                "auto_create": True,
                "empty_timeout": self.empty_timeout_s,
                "departure_timeout": self.departure_timeout_s,
            },
            # It warns whenever somebody leaves; what matters, the supervisor and our API see themselves.
            "logging": {"level": "error", "pion_level": "error"},
        }
        if self.webhook_urls:
            config["webhook"] = {"api_key": self.keys.key, "urls": [*self.webhook_urls]}
        if self.ports.metrics is not None:
            config["prometheus"] = {"port": self.ports.metrics}
        return config


def write_config(config: LiveKitConfig, folder: Path) -> Path:
    """Write the configuration into ``folder``, readable by its owner alone; it holds the secret. Gives its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "livekit.yaml"
    path.unlink(missing_ok=True)  # an older file may be readable by others
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(config.describe(), file, indent=2)  # JSON is YAML
    return path
