"""The question that a supervisor asks a process: are you well, are you ready? To supervisor.py; health.py answers."""

import asyncio
from http import HTTPStatus

LIVE_PATH, READY_PATH = "/health/live", "/health/ready"
MAX_STATUS_LINE_BYTES = 4096


async def probe(host: str, port: int, path: str, *, within_s: float) -> bool:
    """Say whether ``GET path`` is answered with 200 in time.

    By hand, because it is asked every second of every process: a client library costs ten times as much.
    """
    try:
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(host, port, limit=MAX_STATUS_LINE_BYTES)
            try:
                name = f"[{host}]" if ":" in host else host
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
                status_line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return False
    return status_line.split(b" ")[1:2] == [str(HTTPStatus.OK.value).encode()]
