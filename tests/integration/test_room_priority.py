"""The priority of a room: from the plan of whose it is to every engine that works for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import INNER, secret
from tests.integration.test_plan_limits_api import give_plan, turn_plans_on
from tests.lasting import join, live, make_room

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext, Voice
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language
from dragoman.ground.precedence import priority_now
from dragoman.ground.rooms import Participant
from dragoman.ground.speech import Transcript
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.admission import Admission, Costs
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.observe.metrics import Metrics
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.services.api.inner_client import InnerClient
from dragoman.services.assembly import Engines, Parts
from dragoman.services.interpreter import Assignment, InterpreterProcess
from dragoman.services.load import LiveSpeakers, ProcessLoad
from dragoman.services.room_interpreting import RoomInterpreting
from dragoman.settings import Settings
from dragoman.testing.engines import FakeSpeechToText, FakeTextToSpeech, FakeTranslator, FakeVoiceActivity
from dragoman.testing.rooms import FakeRoom
from dragoman.testing.tones import say_as_tones
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

VI, EN = Language("vi"), Language("en")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as site:
        yield site


async def priority_in(site: AccountsSite, owner: Person) -> int:
    """Begin a call of ``owner``'s and let it be interpreted; give what its interpreter works with."""
    room = (await make_room(owner))["id"]
    assert (await join(site.anonymous, room)).status_code == 201
    await site.parts.watch.decide()
    seen: list[int] = []

    async def look(there: ContinuedRoom) -> None:
        seen.append(there.priority)

    inner = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=site.app), base_url="http://api", headers=secret(INNER)
    )
    async with asyncio.timeout(30), inner:
        process = InterpreterProcess(api=InnerClient(inner), interpret=look, worker="one", load=lambda: 0.0)
        await process.interpret_room(FakeRoom(room), Assignment(epoch=site.parts.watch.epoch(room), last_seq=0))
    return seen[0]


async def test_a_room_on_the_free_plan_is_worked_for_after_one_on_pro(site: AccountsSite) -> None:
    admin = await site.sign_up("admin@example.org", admin=True)
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    await turn_plans_on(site, admin)
    await give_plan(site, eva, "pro")

    assert (await priority_in(site, an), await priority_in(site, eva)) == (0, 20)


async def test_while_plans_are_off_all_rooms_are_alike(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    await give_plan(site, eva, "pro")

    assert (await priority_in(site, an), await priority_in(site, eva)) == (0, 0)


async def test_an_api_that_was_replaced_says_nothing_until_it_knows_the_plan_again(site: AccountsSite) -> None:
    admin, eva = await site.sign_up("admin@example.org", admin=True), await site.sign_up("eva@example.org")
    await turn_plans_on(site, admin)
    await give_plan(site, eva, "pro")
    room = (await make_room(eva))["id"]
    await join(site.anonymous, room)
    await site.parts.watch.decide()
    renewal = {"epoch": site.parts.watch.epoch(room), "worker": "one", "microphones": 1}
    lease, told = f"/internal/leases/{room}", []
    meeting = site.parts.meetings.get(room)
    meeting.drop_permit()
    meeting.unsettled = True  # as an API knows a room that it did not make

    for _ in range(2):
        told.append((await site.anonymous.put(lease, json=renewal, headers=secret(INNER))).json()["priority"])
        await live(site).follow()

    assert told == [None, 20]


def test_all_that_is_asked_of_engines_for_a_room_has_its_priority() -> None:
    heard, translated, spoken = set[int](), set[int](), set[int]()

    class Ears(FakeSpeechToText):
        def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
            heard.add(priority_now())
            return super().transcribe(audio, language=language, context=context)

    class Mouth(FakeTextToSpeech):
        def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
            spoken.add(priority_now())
            return super().speak(text, language=language, voice=voice, speed=speed)

    translator = FakeTranslator(before_call=lambda sentences: translated.add(priority_now()))

    async def play() -> None:
        with EnginePool(workers=2, observer=Observers()) as pool:
            speakers = LiveSpeakers(Admission(cores=8, costs=Costs(recognition=0.1, voice=0.1)))
            interpreting = RoomInterpreting(
                parts=Parts(
                    engines=Engines(),
                    pool=pool,
                    recognizer=UtteranceRecognizer(
                        engines=[Ears()], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
                    ),
                    translation=TranslationRouter(engines=[translator], pool=pool, observer=Observers()),
                    shared_translations=None,
                    voices=VoiceRouter(engines=[Mouth()], pool=pool, observer=Observers()),
                ),
                settings=Settings(),
                metrics=Metrics(),
                speakers=speakers,
                load=ProcessLoad(speakers),
            )
            room = FakeRoom()
            async with asyncio.timeout(300), asyncio.TaskGroup() as tasks:
                tasks.create_task(interpreting.interpret(room, priority=lambda: 20))
                for identity, language in (("an", VI), ("ben", EN)):
                    room.join(
                        Participant(identity=identity, name=identity, speaks=language, reads=language, listens=language)
                    )
                room.open_microphone("an")
                await room.say("an", say_as_tones("mot hai ba.", sample_rate=RECOGNITION_RATE))
                await room.be_silent("an", 2.0)
                await room.end()

    run_in_virtual_time(play)

    assert (heard, translated, spoken) == ({20}, {20}, {20})
