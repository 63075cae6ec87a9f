import os
import stat
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from livekit.api import TokenVerifier, VideoGrants
from livekit.api.access_token import Claims

from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.key_pair import KeyPair, make_keys
from dragoman.rooms.livekit_config import LiveKitConfig, LiveKitPorts, write_config
from dragoman.rooms.livekit_errors import LiveKitMissing, ParticipantInvalid
from dragoman.rooms.livekit_participants import describe_participant, read_participant
from dragoman.rooms.livekit_server import find_livekit_server
from dragoman.rooms.tokens import api_token, human_token, interpreter_token, worker_token

KEYS = make_keys()


def claims(token: str) -> Claims:
    return TokenVerifier(KEYS.key, KEYS.secret).verify(token)


def human(*, room: str = "room", identity: str = "an", name: str = "An") -> str:
    return human_token(KEYS, room=room, identity=identity, name=name, attributes={})


def grants(token: str) -> VideoGrants:
    video = claims(token).video
    assert video is not None
    return video


def test_keys_are_long_fresh_and_not_shown() -> None:
    other = make_keys()

    assert len(KEYS.secret) >= 32
    assert KEYS.secret != other.secret
    assert KEYS.secret not in repr(KEYS)
    with pytest.raises(ValueError, match="32 characters"):
        KeyPair(key="key", secret="s" * 31)


def test_a_person_may_publish_its_devices_and_nothing_of_ours() -> None:
    video = grants(human())

    assert video.can_publish_sources == ["microphone", "camera", "screen_share", "screen_share_audio"]
    assert (video.can_publish_data, video.can_update_own_metadata) == (False, False)
    assert (video.room_admin, video.room_create, video.room_list, video.agent, video.hidden) == (False,) * 5


def test_an_interpreter_is_seen_and_of_kind_agent() -> None:
    token = interpreter_token(KEYS, room="room")

    video = grants(token)
    assert (claims(token).identity, claims(token).kind) == ("interpreter", "agent")
    assert (video.hidden, video.can_update_own_metadata, video.room_admin) == (False, True, False)


def test_the_api_and_a_worker_cannot_join_rooms() -> None:
    for token in (api_token(KEYS), worker_token(KEYS)):
        video = grants(token)
        assert (video.room_join, video.can_publish, video.can_subscribe, video.can_publish_data) == (False,) * 4
    assert grants(worker_token(KEYS)).room_admin is False
    assert grants(api_token(KEYS, room="one")).room == "one"
    assert grants(api_token(KEYS, room="one")).room_list is False


def test_tokens_end_after_ten_minutes() -> None:
    old = human_token(KEYS, room="room", identity="an", name="An", attributes={}, life=timedelta(minutes=-2))

    with pytest.raises(Exception, match="expired"):
        claims(old)


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": ""},
        {"identity": "interpreter"},
        {"identity": "Interpreter-2"},
        {"identity": "a" * 257},
        {"name": "  "},
        {"name": "An\n"},
        {"name": "\u202enA"},
        {"room": ""},
    ],
)
def test_names_that_cannot_be_used_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ParticipantInvalid):
        human(**changes)


def test_names_of_all_scripts_are_taken() -> None:
    for name in ("Nguyễn Thị Ánh", "क्षत्रिय", "نام‌خانوادگی", "👩‍🚀 Mai", "王小明"):
        assert claims(human(name=name)).name == name


def test_too_many_attributes_are_refused() -> None:
    with pytest.raises(ParticipantInvalid, match="8192"):
        human_token(KEYS, room="r", identity="an", name="An", attributes={"a": "x" * 9000})


def test_choices_survive_the_way_through_attributes() -> None:
    ben = Participant(
        identity="ben",
        name="Ben",
        speaks=Language("en"),
        reads=None,
        listens=Language("vi"),
        voice=VoiceWish.FAST,
        consents=True,
    )

    assert read_participant("ben", "Ben", describe_participant(ben)) == ben


def test_missing_and_forged_attributes_give_no_language_and_no_consent() -> None:
    nothing = Participant(identity="eva", name="eva", speaks=None, reads=None, listens=None, consents=False)
    forged = {
        "dragoman.speaks": "klingon",
        "dragoman.listens": "original",
        "dragoman.consent": "TRUE",
        "dragoman.voice": "?",
    }

    assert read_participant("eva", "", {}) == nothing
    assert read_participant("eva", "", forged) == nothing


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.7.20"])
def test_the_configuration_names_nobody_elses_server(address: str) -> None:
    config = LiveKitConfig(keys=KEYS, media_address=IPv4Address(address), ports=LiveKitPorts(metrics=6789))

    described = config.describe()

    rtc = described["rtc"]
    assert isinstance(rtc, dict)
    assert rtc["stun_servers"] == [f"{address}:3478"]
    assert rtc["use_external_ip"] is False
    assert described["bind_addresses"] == ["127.0.0.1"]
    assert described["prometheus"] == {"port": 6789}
    assert config.url == "ws://127.0.0.1:7880"


def test_one_address_for_others_is_put_into_every_candidate_and_those_of_this_machine_stay_as_they_are() -> None:
    lan = IPv4Address("192.168.7.20")

    for_others = LiveKitConfig(keys=KEYS, media_address=lan).describe()["rtc"]
    at_home = LiveKitConfig(keys=KEYS, interfaces=(lan,)).describe()["rtc"]

    assert isinstance(for_others, dict) and isinstance(at_home, dict)
    assert (for_others["node_ip"], for_others["enable_loopback_candidate"]) == (str(lan), False)
    assert "node_ip" not in at_home
    assert at_home["enable_loopback_candidate"] is True
    assert at_home["ips"] == {"includes": ["127.0.0.1/32", f"{lan}/32"]}


def test_the_configuration_file_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "livekit.yaml").write_text("older, readable by all")

    path = write_config(LiveKitConfig(keys=KEYS), tmp_path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KEYS.secret in path.read_text()


def test_a_server_of_another_version_is_taken_for_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    other = tmp_path / "livekit-server"
    other.write_text("#!/bin/sh\necho livekit-server version 1.9.0\n")
    other.chmod(0o755)

    with pytest.raises(LiveKitMissing, match=r"1\.9\.0.*install_livekit"):
        find_livekit_server(tmp_path / "nowhere")
