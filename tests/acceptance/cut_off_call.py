"""A call of two people on a machine that reaches nobody, for test_network_cut.py, which starts this in such a network.

``python -m tests.acceptance.cut_off_call FOLDER`` runs ``dragoman up`` and the call, writes the dub to FOLDER/dub.wav,
and as JSON what was read and which packets were on their way to anybody else.
"""

import asyncio
import json
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

import httpx2
import numpy as np
import soundfile
from benchmarks.call_site import running_site
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import load
from tests.livekit_server import HEARD_RATE, Guest, person

from dragoman.ground.audio import join_audio, silence

FAR_END = "nowhere"
"""The other end of the only cable."""
ELSEWHERE = ("198.51.100.7", 9)
"""Nobody's address, of those for documentation: a packet for it proves that packets are seen."""
COMES_WITHIN_S = 60.0
OVER_AFTER_S = 4.0
NAMES_PORT = 53
ALL_PROTOCOLS, IPV4, IPV6 = 0x0003, 0x0800, 0x86DD
ETHERNET_BYTES, IPV6_BYTES = 14, 40
TCP, UDP = 6, 17
HOP_BY_HOP, ICMPV6 = 0, 58
LINK_LOCAL_GROUPS = b"\xff\x02"


@dataclass(frozen=True, slots=True)
class Packet:
    """What somebody sent, and where to."""

    protocol: int
    address: str
    port: int | None


class Watch(threading.Thread):
    """Reads every packet of one interface."""

    def __init__(self, interface: str) -> None:
        super().__init__(name=f"watches {interface}", daemon=True)
        self.seen: set[Packet] = set()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
        self._socket.bind((interface, ALL_PROTOCOLS))

    def run(self) -> None:
        with suppress(OSError):  # closed when the process ends
            while True:
                packet = read_packet(self._socket.recv(65536))
                if packet is not None:
                    self.seen.add(packet)


def read_packet(frame: bytes) -> Packet | None:
    """Say where an Ethernet frame was to go.

    None for what IPv6 says to its own link on every interface that is up (neighbours, routers, groups: RFC 4861, 3810),
    which no router passes on.
    """
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[ETHERNET_BYTES:]
    if kind == IPV4:
        protocol, target, header = packet[9], packet[16:20], (packet[0] & 15) * 4
    elif kind == IPV6:
        protocol, target, header = packet[6], packet[24:40], IPV6_BYTES
        if protocol in {HOP_BY_HOP, ICMPV6} and target.startswith(LINK_LOCAL_GROUPS):
            return None
    else:
        return Packet(protocol=kind, address="not IP", port=None)
    port = struct.unpack_from("!H", packet, header + 2)[0] if protocol in {TCP, UDP} else None
    return Packet(protocol=protocol, address=str(ip_address(target)), port=port)


async def hold_call(address: str, folder: Path) -> list[str]:
    """Let one person say a Vietnamese recording; give the English finals of the other, and keep his dub."""
    speech = load(SPEECH / "vi-1.wav")
    rate = speech.sample_rate
    audio = join_audio([silence(3.0, rate), speech, silence(1.0, rate)], rate)
    async with httpx2.AsyncClient(base_url=f"http://{address}", trust_env=False, timeout=30.0) as client:
        assert (await client.get("/")).status_code == 200
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        an = await _join(client, room, "An", "vi")
        ben = await _join(client, room, "Ben", "en")
        try:
            await ben.wait_for(ben.sees_interpreter, timeout_s=COMES_WITHIN_S)
            await an.speak(audio)
            track = f"dub:{an.participant.identity}:en"
            await ben.wait_for(lambda: len(ben.finals) >= 2 and _has_ended(ben, track), timeout_s=COMES_WITHIN_S)
            soundfile.write(folder / "dub.wav", ben.sound_of(track), HEARD_RATE)
            return [caption.text for caption in ben.finals]
        finally:
            await an.leave()
            await ben.leave()


async def _join(client: httpx2.AsyncClient, room: str, name: str, language: str) -> Guest:
    choices = {"name": name, "speaks": language, "reads": language, "listens": language, "consent": True}
    joined = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
    guest = Guest(person(joined["identity"], speaks=language, reads=language, listens=language))
    await guest.join(str(client.base_url).replace("http", "ws", 1).rstrip("/"), joined["token"])
    return guest


def _has_ended(guest: Guest, track: str) -> bool:
    """Say whether the dub has been heard and is over: nothing more of it for a while after the last caption."""
    sound = guest.sound_of(track)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    quiet_s = (len(sound) - loud[-1]) / HEARD_RATE if len(loud) else 0.0
    since_caption_s = asyncio.get_running_loop().time() - guest.finals[-1].at_s
    return min(quiet_s, since_caption_s) >= OVER_AFTER_S


def main() -> None:
    folder = Path(sys.argv[1])
    outside, inside = Watch(FAR_END), Watch("lo")
    for watch in (outside, inside):
        watch.start()
    with running_site(folder, settings=PICO_MODELS) as site:
        finals = asyncio.run(hold_call(site.address, folder))
    went_out = set(outside.seen)
    asked_for_names = {packet for packet in inside.seen if packet.port == NAMES_PORT}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"does anybody see this", ELSEWHERE)
    proof = Packet(protocol=UDP, address=ELSEWHERE[0], port=ELSEWHERE[1])
    for _ in range(100):
        if proof in outside.seen:
            break
        threading.Event().wait(0.05)
    told = {
        "finals": finals,
        "went_out": [asdict(packet) for packet in went_out | asked_for_names],
        "watching": proof in outside.seen,
        "packets_inside": len(inside.seen),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
