"""What stands between people and the API: doors, certificate, built page. From settings; to up.py and serve_api.py."""

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.ground.errors import SettingsInvalid
from dragoman.services.addresses import local_addresses, machine_names
from dragoman.services.doors import Doors, plan_doors
from dragoman.settings import Settings

if TYPE_CHECKING:
    from dragoman.services.certificate import Certificate

BUILT_PAGE = Path(__file__).parents[3] / "web" / "dist"
"""Of a checkout, where ``scripts/build_web.sh`` puts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Where people come in, and what proves to them that it is us."""

    doors: Doors
    certificate: "Certificate | None"
    """None without https."""


def open_front(settings: Settings) -> Front:
    """Look where this machine is, and get the certificate for there. Raises ``SettingsInvalid``.

    Without a network there is no https, which is only an error when everything is started: ``check_front``.
    """
    own = _own(settings)
    doors = plan_doors(settings, certified=own.names if own else (), addresses=local_addresses())
    certificate = own if own or not doors.listen else _made(settings, doors)
    return Front(doors=doors, certificate=certificate)


def check_front(settings: Settings, front: Front) -> None:
    """Raise ``SettingsInvalid`` for the first of ``front_faults``."""
    for fault in front_faults(settings, front):
        raise SettingsInvalid(fault)


def front_faults(settings: Settings, front: Front) -> list[str]:
    """Say why other machines could not come in as it was asked for, or would see no page."""
    faults = []
    if settings.lan and not front.doors.listen:
        faults.append(
            "this machine has no address in a private network, so nobody could come in by --lan: connect it to one, or "
            "start without --lan for calls on this machine"
        )
    page = built_page(settings)
    if not (page / "index.html").is_file():
        faults.append(
            f"the page is not built: there is no index.html in {page}; in a checkout make run builds it, or "
            "scripts/build_web.sh alone; page_dir in dragoman.toml names a page that lies elsewhere"
        )
    return faults


def built_page(settings: Settings) -> Path:
    """Say where the page is looked for."""
    return settings.page_dir or BUILT_PAGE


def _own(settings: Settings) -> "Certificate | None":
    if settings.tls_certificate is None and settings.tls_key is None:
        return None
    # Its library is 3 MB that ``dragoman up`` would keep, and few machines have a certificate of their own.
    from dragoman.services.certificate import own_certificate

    return own_certificate(settings.tls_certificate, settings.tls_key)


def _made(settings: Settings, doors: Doors) -> "Certificate":
    # As above: nor has a call on one machine.
    from dragoman.services.certificate import made_certificate

    addresses = [IPv4Address(host) for host in doors.listen if _is_ipv4(host)]
    names = [*machine_names(), "localhost", *(host for host in doors.listen if not _is_ipv4(host))]
    return made_certificate(settings.data_dir / "certificate", names=names, addresses=addresses)


def _is_ipv4(host: str) -> bool:
    try:
        return ip_address(host).version == 4
    except ValueError:
        return False
