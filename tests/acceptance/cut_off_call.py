"""A call at two browsers on a machine that reaches nobody, for test_network_cut.py, which starts it in such a network.

``python -m tests.acceptance.cut_off_call FOLDER`` runs ``dragoman up`` and the call, writes the dub to FOLDER/dub.wav,
and as JSON what was read and which packets were on their way to anybody else.
"""

import json
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

import soundfile
from benchmarks.call_site import running_site
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import load
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.person import sit_down

FAR_END = "nowhere"
"""The other end of the only cable."""
ELSEWHERE = ("198.51.100.7", 9)
"""Nobody's address, of those for documentation: a packet for it proves that packets are seen."""
SENTENCES = 2
"""Of the recording."""
ASKS_NOBODY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""The browser itself looks for its maker's servers; what the pages ask for is among their complaints."""
NAMES_PORT = 53
ALL_PROTOCOLS, IPV4, IPV6 = 0x0003, 0x0800, 0x86DD
ETHERNET_BYTES, IPV6_BYTES = 14, 40
TCP, UDP = 6, 17
HOP_BY_HOP, IGMP, ICMPV6 = 0, 2, 58
IPV4_GROUP_REPORTS = bytes((224, 0, 0, 22))
IPV6_LINK_LOCAL_GROUPS = b"\xff\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there was of the call."""

    finals: list[str]
    """As the listener read them."""
    complaints: list[str]
    """What the pages did that they should not, or asked of strangers."""


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

    None for what a system says to its own link, which no router passes on: IPv6 on every interface that is up
    (neighbours, routers, groups: RFC 4861, 3810), IPv4 of the groups it is in (RFC 3376; browsers join that of mDNS).
    """
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[ETHERNET_BYTES:]
    if kind == IPV4:
        protocol, target, header = packet[9], packet[16:20], (packet[0] & 15) * 4
        if protocol == IGMP and target == IPV4_GROUP_REPORTS:
            return None
    elif kind == IPV6:
        protocol, target, header = packet[6], packet[24:40], IPV6_BYTES
        if protocol in {HOP_BY_HOP, ICMPV6} and target.startswith(IPV6_LINK_LOCAL_GROUPS):
            return None
    else:
        return Packet(protocol=kind, address="not IP", port=None)
    port = struct.unpack_from("!H", packet, header + 2)[0] if protocol in {TCP, UDP} else None
    return Packet(protocol=protocol, address=str(ip_address(target)), port=port)


def hold_call(address: str, folder: Path) -> Told:
    """Let one person say a Vietnamese recording to another, both at a browser; keep the other's dub."""
    with chromium(*FAKE_DEVICES, ASKS_NOBODY) as browser:
        an, ben = (sit_down(new_visitor(browser), host=address) for _ in range(2))
        an.open(f"http://{address}/")
        link = an.start_a_call()
        ben.open(link)
        for person, name, language in ((an, "An", "vi"), (ben, "Ben", "en")):
            person.turn_camera_off()
            person.fill_in(name, speaks=language, reads=language)
            person.agree()
            person.join()
        ben.waits_for_the_interpreter()
        ben.sees_person("An")
        ben.do("call.history")
        ben.listen()
        an.say(load(SPEECH / "vi-1.wav"))
        ben.waits_for_finals(SENTENCES, "en")
        ben.waits_for_the_end_of_the_dub()
        dub = ben.heard().dub_speech()
        soundfile.write(folder / "dub.wav", dub.samples, dub.sample_rate)
        return Told(finals=ben.finals("en"), complaints=[*an.complaints.all(), *ben.complaints.all()])


def main() -> None:
    folder = Path(sys.argv[1])
    outside, inside = Watch(FAR_END), Watch("lo")
    for watch in (outside, inside):
        watch.start()
    with running_site(folder, settings=PICO_MODELS) as site:
        told = hold_call(site.address, folder)
    went_out = set(outside.seen)
    asked_for_names = {packet for packet in inside.seen if packet.port == NAMES_PORT}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"does anybody see this", ELSEWHERE)
    proof = Packet(protocol=UDP, address=ELSEWHERE[0], port=ELSEWHERE[1])
    for _ in range(100):
        if proof in outside.seen:
            break
        threading.Event().wait(0.05)
    seen = {
        **asdict(told),
        "went_out": [asdict(packet) for packet in went_out | asked_for_names],
        "watching": proof in outside.seen,
        "packets_inside": len(inside.seen),
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
