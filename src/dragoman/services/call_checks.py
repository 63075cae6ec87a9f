"""What stands in the way of a call on this machine, all at once, each with how to mend it. For ``dragoman doctor``.

``up.py`` looks at the same before it starts anything, and stops at the first. Nothing is made or started here.
"""

import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dragoman.ground.errors import DragomanError, SettingsInvalid
from dragoman.rooms.livekit_server import check_livekit_server, find_livekit_server
from dragoman.services.addresses import local_addresses
from dragoman.services.certificate import Certificate, own_certificate
from dragoman.services.doors import Doors, plan_doors, reached_at
from dragoman.services.front import Front, front_faults
from dragoman.services.probe import LIVE_PATH
from dragoman.services.processes import LIVEKIT, plan_processes, port_faults
from dragoman.services.up import BUILT_LIVEKIT, NO_NETWORK, make_token
from dragoman.settings import Settings

ANSWER_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDiagnosis:
    """Of one machine, with one set of settings."""

    faults: tuple[str, ...]
    """A sentence each."""
    runs_already: bool
    """The API answers here, so the ports are ours and were not looked at."""


def diagnose_calls(settings: Settings) -> CallDiagnosis:
    """Look at the media server, the page, the certificate, the networks, the data folder and the ports."""
    faults = _media_server(settings)
    certificate, fault = _own_certificate(settings)
    faults += fault
    addresses = local_addresses()
    if not addresses:
        faults.append(NO_NETWORK)
    doors = plan_doors(settings, certified=certificate.names if certificate else (), addresses=addresses)
    faults += front_faults(settings, Front(doors=doors, certificate=certificate))
    faults += _data_folder(settings.data_dir)
    runs_already = _runs_already(settings)
    if not runs_already:
        faults += _ports(settings, doors)
    return CallDiagnosis(faults=tuple(faults), runs_already=runs_already)


def _media_server(settings: Settings) -> list[str]:
    try:
        if settings.livekit_server:
            check_livekit_server(settings.livekit_server)
        else:
            find_livekit_server(BUILT_LIVEKIT)
    except DragomanError as error:
        return [str(error)]
    return []


def _own_certificate(settings: Settings) -> tuple[Certificate | None, list[str]]:
    try:
        return own_certificate(settings.tls_certificate, settings.tls_key), []
    except SettingsInvalid as error:
        return None, [str(error)]


def _data_folder(folder: Path) -> list[str]:
    """Say what keeps this user from writing into ``folder``, which is made when it is not there."""
    first = next(it for it in (folder.absolute(), *folder.absolute().parents) if it.exists())
    if not first.is_dir():
        why = f"{first} is no folder"
    elif not os.access(first, os.W_OK | os.X_OK):
        why = f"this user may not write into {first}"
    else:
        return []
    return [
        f"nothing can be kept in {folder}: {why}; let the user who starts dragoman write there, or choose another: "
        "data_dir in dragoman.toml, or the variable DRAGOMAN_DATA_DIR"
    ]


def _ports(settings: Settings, doors: Doors) -> list[str]:
    with TemporaryDirectory(prefix="dragoman-doctor-") as run_folder:
        plans = plan_processes(
            settings,
            token=make_token(),
            livekit=Path(LIVEKIT),
            run_folder=Path(run_folder),
            doors=doors,
            host_password=None,
        )
    return port_faults(plans)


def _runs_already(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(reached_at(settings.api_host), settings.api_port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", LIVE_PATH)
        return bool(json.loads(connection.getresponse().read()) == {"live": True})
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
