"""Tell people of the ladder: each change once, to the room and to the observers.

From booth.py, speaker_desk.py and, of capacity, interpreter.py.
"""

from dragoman.ground.events import LadderChanged, Observer
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice, NoticeKind, Room
from dragoman.interpreting.ladder import LadderState, Level

_FULL = LadderState(level=Level.FULL, reason="")


class LadderNotices:
    """Of one speaker, from coming to leaving: the step of a microphone before is taken back by the next one."""

    def __init__(self, *, speaker: str, room: Room, observer: Observer) -> None:
        self._speaker = speaker
        self._room = room
        self._observer = observer
        self._told: dict[Language | None, LadderState] = {}

    async def tell(
        self, language: Language | None, state: LadderState, *, kind: NoticeKind = NoticeKind.LADDER
    ) -> None:
        """Tell that the speaker stands at ``state`` in ``language`` (None: in all), unless that was told last."""
        if self._told.get(language, _FULL) == state:
            return
        self._told[language] = state
        self._observer.observe(
            LadderChanged(speaker=self._speaker, language=language, level=state.level, reason=state.reason)
        )
        await self._room.tell(
            Notice(
                kind=kind,
                speaker=self._speaker,
                language=language,
                level=state.level,
                reason=state.reason,
            )
        )
