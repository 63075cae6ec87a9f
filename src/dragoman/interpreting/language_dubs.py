"""The dubs of one target language: a channel for each kind of voice that somebody wishes for. From speaker_desk.py.

A sentence is spoken once per wish, whatever the number of listeners; each listener hears one channel, and so one voice
at a time.
"""

from collections.abc import Callable, Mapping

from dragoman.ground.voices import VoiceWish
from dragoman.interpreting.dub_channel import DubChannel, DubItem


class LanguageDubs:
    """Of one language of one room. Channels are opened when their first listener comes."""

    def __init__(self, *, open_channel: Callable[[VoiceWish], DubChannel]) -> None:
        """``open_channel`` makes a channel and runs it."""
        self._open_channel = open_channel
        self._channels: dict[VoiceWish, DubChannel] = {}
        self._wishes: dict[str, frozenset[VoiceWish]] = {}
        """Of the listeners of each speaker."""

    async def set_listeners(self, speaker: str, listeners: Mapping[VoiceWish, frozenset[str]]) -> None:
        """Say who hears ``speaker`` from now on, by wish. Nobody: what waits is dropped."""
        self._wishes[speaker] = frozenset(listeners)
        for wish in listeners.keys() - self._channels.keys():
            self._channels[wish] = self._open_channel(wish)
        for wish, channel in list(self._channels.items()):  # another speaker's listeners may open one meanwhile
            await channel.set_listeners(speaker, listeners.get(wish, frozenset()))

    def offer(self, item: DubItem) -> None:
        """Let ``item`` be spoken for everybody who listens to its speaker. Never waits."""
        for wish in sorted(self._wishes.get(item.speaker, frozenset())):
            self._channels[wish].offer(item)

    def let_go(self, speaker: str) -> None:
        """The speaker is done: once what waits has sounded, the tracks are closed."""
        for channel in self._channels.values():
            channel.let_go(speaker)

    async def drain(self) -> None:
        """Wait until nothing waits and nothing sounds."""
        for channel in list(self._channels.values()):
            await channel.drain()
