"""The settings, and the only reader of the environment: TOML, then environment variables, all errors at start.

The file is ``dragoman.toml`` in ``$XDG_CONFIG_HOME/dragoman`` (or what ``DRAGOMAN_CONFIG`` names); a variable is the
field's name in capitals behind ``DRAGOMAN_``, such as ``DRAGOMAN_LOG_LEVEL``.
"""

import os
import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from dragoman.accounts.account_key import KEY_FILE
from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import SettingsInvalid


def _home(variable: str, below: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / below)


def config_file() -> Path:
    """Say where the settings file is looked for."""
    named = os.environ.get("DRAGOMAN_CONFIG")
    return Path(named) if named else _home("XDG_CONFIG_HOME", ".config") / "dragoman" / "dragoman.toml"


def _split(value: object) -> object:
    """Read ``one, two`` of a variable as TOML's list of two."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _require_redis(url: SecretStr) -> SecretStr:
    if not re.match(r"(rediss?://|unix://)[^\s]+$", url.get_secret_value()):
        raise ValueError("needs an address such as redis://127.0.0.1:6379/0, rediss://... or unix:///path")
    return url


def _require_postgresql(url: SecretStr) -> SecretStr:
    if not re.match(r"postgresql://[^\s]+$", url.get_secret_value()):
        raise ValueError("needs an address such as postgresql://dragoman:password@127.0.0.1/dragoman")
    return url


def _require_rising(temperatures: tuple[float, ...]) -> tuple[float, ...]:
    if temperatures[:1] != (0.0,) or list(temperatures) != sorted(set(temperatures)):
        raise ValueError("needs 0 first, then rising numbers, such as 0, 0.2, 0.4")
    return temperatures


EngineNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""``ENGINE`` or ``ENGINE:MODEL``, in order of preference; a list in TOML, between commas in a variable."""
Temperatures = Annotated[
    tuple[Annotated[float, Field(ge=0, le=1)], ...], NoDecode, BeforeValidator(_split), AfterValidator(_require_rising)
]
Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[str, Field(pattern=r"^(https?://[^\s/]+)?$")]
AddressWithPath = Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")]
HttpsAddress = Annotated[str, Field(pattern=r"^(https://[^\s/]+)?$")]
RedisUrl = Annotated[SecretStr, AfterValidator(_require_redis)]
PostgresqlUrl = Annotated[SecretStr, AfterValidator(_require_postgresql)]

DATABASE_FILE = "dragoman.db"
"""In ``data_dir``: accounts and rooms, where no PostgreSQL is set."""
SECRETS = (
    "service_token",
    "host_password",
    "libretranslate_api_key",
    "redis_url",
    "database_url",
    "account_key",
    "oidc_client_secret",
)
"""Settings that are never repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """What is set for the service of one kind of engine."""

    engines: tuple[str, ...]
    port: int
    port_setting: str
    url: str


class Settings(BaseSettings):
    """Every setting, with a default that works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_", extra="forbid", frozen=True)

    models_dir: Path = Field(default_factory=lambda: _home("XDG_DATA_HOME", ".local/share") / "dragoman" / "models")
    """Folder of the models that were pulled or added."""
    data_dir: Path = Field(default_factory=lambda: _home("XDG_DATA_HOME", ".local/share") / "dragoman")
    """Folder of what is kept between starts: the certificate of ``dragoman up --lan``, and with accounts their
    database, its key, backups and exports."""
    cache_dir: Path = Field(default_factory=lambda: _home("XDG_CACHE_HOME", ".cache") / "dragoman")
    """Folder of what can be made again: how fast this machine was measured to be."""
    model_hub: str | None = None
    """Address of the hub, or of a mirror of it, that models are pulled from; None for the public one."""
    model_mirrors: EngineNames = ()
    """Folders, and addresses of mirrors of the hub, that are asked before it, in this order; ``dragoman models pull
    --mirror`` puts others before them."""
    firefox_registry: str | None = None
    """Address of the list of Firefox's translation models; None for Mozilla's."""
    noncommercial_models: Literal["accepted", "allowed", "refused"] = "accepted"
    """Models whose licence forbids commercial use: loaded once somebody accepted it, always, or never."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    """Least important event that is logged."""
    log_json: bool = False
    """Log JSON lines instead of readable ones."""
    cores: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1, le=1024)
    """Processor cores that speakers are admitted for; all that this process may use by default."""
    engine_threads: int = Field(default=4, ge=1, le=64)
    """Engine calls that run at the same time."""
    threads_per_model: int = Field(default=1, ge=1, le=64)
    """Threads that one model computes with. More than one is slower while several people speak on few cores."""
    max_recording_hours: float = Field(default=4.0, gt=0, le=48)
    """Longest recording that is interpreted, or transcribed by the command."""
    recording_beam_size: int = Field(default=5, ge=1, le=20)
    """Texts that Whisper follows at once in a recording."""
    recording_temperatures: Temperatures = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """At which Whisper draws other words, one after the other, while those it has are doubtful; ``0`` for never."""
    recording_compression_limit: float = Field(default=2.4, ge=1, le=100)
    """How many times smaller zlib makes a text that repeats itself: its words are doubtful."""
    recording_logprob_limit: float = Field(default=-1.0, ge=-10, le=0)
    """Mean log-probability below which words are doubtful."""
    recording_no_speech_limit: float = Field(default=0.6, ge=0, le=1)
    """Probability of no speech above which words that are unlikely too are left out."""
    recording_speech_threshold: float = Field(default=0.5, ge=0, le=1)
    """Speech probability from which the sound of a recording is recognised at all."""
    recording_min_speech_ms: int = Field(default=250, ge=0, le=5000)
    """Shorter sounds are no speech."""
    recording_max_speech_s: float = Field(default=30.0, ge=5, le=30)
    """Longer speech is cut in its pauses; 30 s is all that Whisper takes at once."""
    recording_min_silence_ms: int = Field(default=500, ge=0, le=10_000)
    """Shorter pauses belong to the speech around them."""
    recording_padding_ms: int = Field(default=400, ge=0, le=5000)
    """Sound before and after speech that is recognised with it."""
    max_upload_mb: int = Field(default=200, ge=1, le=4096)
    """Largest recording that the speech-to-text service takes, MiB."""
    max_upload_hours: float = Field(default=3.0, gt=0, le=48)
    """Longest recording that the speech-to-text service takes."""
    uploads_at_once: int = Field(default=2, ge=1, le=64)
    """Recordings that the speech-to-text service transcribes at the same time; a few more wait for their turn."""
    max_text_characters: int = Field(default=50_000, ge=1000, le=1_000_000)
    """Longest text that the translation service takes in one request, all texts of a batch together."""
    max_batch_texts: int = Field(default=100, ge=10, le=1000)
    """Texts of one batch that the translation service takes."""
    translations_at_once: int = Field(default=4, ge=1, le=64)
    """Requests that the translation service works on at the same time; a few more wait for their turn."""
    max_say_characters: int = Field(default=5000, ge=1, le=1_000_000)
    """Longest text that is spoken at once, by the text-to-speech service and by ``dragoman say``."""
    spoken_texts_at_once: int = Field(default=2, ge=1, le=64)
    """Texts that the text-to-speech service speaks at the same time; a few more wait for their turn."""
    speech_cache_mb: int = Field(default=64, ge=0, le=65_536)
    """Speech that the text-to-speech service keeps for who asks again, MiB; 0 for none."""
    speech_cache_hours: float = Field(default=24.0, gt=0, le=8760)
    """How long it is kept."""
    watermark_model: str = "audioseal"
    """Model that puts an inaudible watermark into everything that is spoken: a folder, or an id of the store; empty for
    none. The default one is used as soon as it is here: dragoman models pull audioseal."""
    watermark_site: int = Field(default=0, ge=0, le=255)
    """Number that the watermark carries, so that a site knows its own speech again."""
    speakers_at_once: int | None = Field(default=None, ge=1, le=100)
    """Speakers interpreted at the same time; None for what the machine was measured to carry."""

    profile: Literal["", "builtin", "default", "noncommercial", "quality"] = ""
    """Whose models are opened where no engines are named, in its order, as far as ``dragoman models pull`` has fetched
    them; none for all that are here."""
    speech_to_text_engines: EngineNames = ()
    """Engines that recognise speech, such as ``faster_whisper:whisper-small, pocketsphinx``; none for the best here."""
    recognition_final_engines: EngineNames = ()
    """Larger ones of them for the last words of every utterance, such as ``faster_whisper:whisper-medium``; none for
    the same."""
    translation_engines: EngineNames = ()
    """Engines that translate; none for the best here."""
    libretranslate_url: Address = ""
    """Address of a LibreTranslate to translate with, ``https://translate.example.org``; texts are sent there."""
    libretranslate_api_key: SecretStr | None = None
    """What that LibreTranslate knows us by, if it wants a key."""
    redis_url: Annotated[RedisUrl | None, BeforeValidator(lambda url: url or None)] = None
    """Redis or Valkey in which processes share translations, ``redis://127.0.0.1:6379/0``; none for no sharing. Keys
    are hashes and values encrypted, by what comes of ``service_token``, which must be the same everywhere."""
    translation_cache_hours: float = Field(default=24.0, gt=0, le=8760)
    """How long a shared translation is kept."""
    text_to_speech_engines: EngineNames = ()
    """Engines that speak; none for the best here."""
    online_voices: bool = False
    """Allow engines that send what people say to somebody else's machines, once they are named: ``gtts``, to Google."""
    services_host: str = "127.0.0.1"
    """Address that the engine services listen on; other machines reach them only if this is one of this machine's."""
    speech_to_text_port: Port = 8002
    """Port of the speech-to-text service."""
    translation_port: Port = 8003
    """Port of the translation service."""
    text_to_speech_port: Port = 8004
    """Port of the text-to-speech service."""
    speech_to_text_url: Address = ""
    """Address of a speech-to-text service to use, ``http://127.0.0.1:8002``; empty for engines in this process."""
    translation_url: Address = ""
    """Address of a translation service to use; empty for engines in this process."""
    text_to_speech_url: Address = ""
    """Address of a text-to-speech service to use; empty for engines in this process."""
    api_host: str = "127.0.0.1"
    """Address that the page is served on by plain http; other machines get a microphone by https only: see ``lan``."""
    api_port: Port = 8000
    """Port of the page, the API and the signalling of calls."""
    lan: bool = False
    """Serve the machines of this network too, by https; the same as ``dragoman up --lan``."""
    https_port: Port = 8443
    """Port of https, where other machines are served."""
    https_host: str = ""
    """Address that https is served on; empty for all private ones of this machine, with a certificate of your own for
    all there are."""
    tls_certificate: Path | None = None
    """File with a certificate of your own and those up to its root, in PEM; https is served with it."""
    tls_key: Path | None = None
    """File with the key of ``tls_certificate``, in PEM, without a passphrase."""
    public_address: HttpsAddress = ""
    """Address that people open where a proxy or a tunnel stands in front, ``https://calls.example.org``."""
    media_address: IPv4Address | None = None
    """Address that browsers send sound and pictures to; none for this machine's main one. ``127.0.0.1`` keeps the calls
    of this machine on loopback, where Firefox hears nothing."""
    host_password: Annotated[SecretStr, Field(min_length=8)] | None = None
    """What making a room takes from other machines; ``dragoman up`` makes a new one at every start if none is set."""
    database_url: Annotated[PostgresqlUrl | None, BeforeValidator(lambda url: url or None)] = None
    """PostgreSQL for accounts and rooms, ``postgresql://...``; none for SQLite in ``data_dir``. There are accounts as
    soon as there is one: dragoman user add-admin."""
    account_key: Annotated[SecretStr, Field(min_length=32)] | None = None
    """What access tokens are signed with and links to rooms are known by; none for a key that is made once and kept in
    ``data_dir``."""
    sign_up: Literal["invitation", "open"] = "invitation"
    """Who may make an account: who was invited, or everybody who reaches the page."""
    webhook_origins: EngineNames = ()
    """Addresses inside this network that webhooks may lead to, ``http://10.0.0.5:8080``; none but public https else."""
    oidc_issuer: AddressWithPath = ""
    """Address of a provider of OpenID Connect that people may sign in with, ``https://id.example.org``."""
    oidc_name: str = ""
    """What its button says; none for the host's name."""
    oidc_client_id: str = ""
    """What the provider knows this server as."""
    oidc_client_secret: SecretStr | None = None
    """What the provider knows this server by."""
    interpreter_port: Port = 8005
    """Port on which the interpreter says that it is well; loopback only."""
    livekit_port: Port = 7880
    """Port of the media server's signalling; loopback only, browsers reach it through the API."""
    livekit_tcp_port: Port = 7881
    """Port that browsers send sound and pictures to where UDP is blocked."""
    livekit_udp_port: Port = 7882
    """Port that browsers send sound and pictures to."""
    livekit_server: Path | None = None
    """The program livekit-server; None for the one on the path, or the one that ``make`` installed."""
    people_per_room: int = Field(default=12, ge=2, le=100)
    """People in one call."""
    page_dir: Path | None = None
    """Folder of the built page; None for the one that ``make`` built."""
    service_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """What the services know each other by; ``dragoman up`` makes a new one at every start if none is set."""

    def service_of(self, kind: EngineKind) -> ServiceSettings:
        """Give what is set for the service of ``kind``. Raises ``SettingsInvalid`` for a kind that has none."""
        name = kind.value.replace("-", "_")
        if f"{name}_port" not in type(self).model_fields:
            raise SettingsInvalid(f"there is no service for {kind}: it works inside speech-to-text")
        return ServiceSettings(
            engines=getattr(self, f"{name}_engines"),
            port=getattr(self, f"{name}_port"),
            port_setting=f"{name}_port",
            url=getattr(self, f"{name}_url"),
        )

    @property
    def has_database(self) -> bool:
        """Whether there may be accounts: a database is set, or was made here.

        The key that was made with it stays when somebody moves the file away, and nobody gets in past the accounts.
        """
        return self.database_url is not None or any((self.data_dir / it).exists() for it in (DATABASE_FILE, KEY_FILE))

    @property
    def token(self) -> str | None:
        """The service token in clear."""
        return None if self.service_token is None else self.service_token.get_secret_value()

    @property
    def password(self) -> str | None:
        """The host password in clear."""
        return None if self.host_password is None else self.host_password.get_secret_value()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())


def forget_secrets() -> None:
    """Take what is secret out of the environment, so that programs started from here do not get it."""
    for name in SECRETS:
        os.environ.pop(f"DRAGOMAN_{name.upper()}", None)


def environment_for(variables: dict[str, str]) -> dict[str, str]:
    """Give the environment of a process that we start: our own, and ``variables``."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **variables}


def read_settings() -> Settings:
    """Read them all. Raises ``SettingsInvalid`` with every error at once."""
    named = os.environ.get("DRAGOMAN_CONFIG")
    if named and not Path(named).is_file():
        raise SettingsInvalid(f"DRAGOMAN_CONFIG names {named}, and there is no such file")
    if config_file().is_dir():
        raise SettingsInvalid(f"{config_file()} is a folder, and the settings are read from a file of that name")
    try:
        return Settings()
    except ValidationError as error:
        lines = [_describe(fault) for fault in error.errors()]
        raise SettingsInvalid("the settings cannot be used:\n  " + "\n  ".join(lines)) from error
    except OSError as error:
        raise SettingsInvalid(f"{config_file()} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SettingsInvalid(f"{config_file()} is no TOML file: {error}") from error


def _describe(fault: ErrorDetails) -> str:
    name = ".".join(map(str, fault["loc"])) or "settings"
    if fault["type"] == "extra_forbidden":
        return f"{name}: no such setting; there are: {', '.join(Settings.model_fields)}"
    given = "" if name in SECRETS else f", not {fault['input']!r}"
    variable = str(fault["loc"][0] if fault["loc"] else name).upper()  # of a list as a whole, whichever item is wrong
    return f"{name} (DRAGOMAN_{variable}): {fault['msg']}{given}"
