"""What is set for sharing translations: checked at start, off by default, and never told."""

import pytest
from pydantic import SecretStr, ValidationError

from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.events import Observers
from dragoman.services.assembly import Engines, assemble
from dragoman.settings import SECRETS, Settings

TOKEN = SecretStr("-".join(["only", "for", "these", "tests"]))
SOMEWHERE = SecretStr("redis://127.0.0.1:1/0")


def test_nothing_is_shared_unless_an_address_is_set() -> None:
    with assemble(Settings(service_token=TOKEN), Engines(), Observers()) as parts:
        assert parts.shared_translations is None
    assert Settings.model_validate({"redis_url": ""}).redis_url is None


def test_a_server_that_is_not_there_is_no_reason_not_to_start() -> None:
    with assemble(Settings(service_token=TOKEN, redis_url=SOMEWHERE), Engines(), Observers()) as parts:
        assert parts.shared_translations is not None


def test_without_a_token_nothing_can_be_shared_and_that_is_said() -> None:
    with (
        pytest.raises(SettingsInvalid, match="DRAGOMAN_SERVICE_TOKEN"),
        assemble(Settings(redis_url=SOMEWHERE), Engines(), Observers()),
    ):
        pass


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis://", "127.0.0.1:6379", "redis://a b"])
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="redis://127"):
        Settings(redis_url=SecretStr(url))

    assert "redis_url" in SECRETS
