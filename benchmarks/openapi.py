"""Attack the API with requests made up from its OpenAPI, for as long as you like.

``python benchmarks/openapi.py --help`` says how. First each operation by itself: once granted to somebody, then fitting
and unfitting, as everybody who may come; then scenarios that go on with what was answered: a room that was made is
changed, asked for and deleted. Nobody is held up for asking too often. What is sent and looked at is in
``tests/hostile/openapi_attack.py``; the tests do the first part, shortly.
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Any

# Called by its path, Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import schemathesis
from benchmarks.machine import describe_machine
from benchmarks.report import describe, rounded, table, write_results
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.stateful.state_machine import APIStateMachine, StepInput
from tests.hostile.api_house import HostileHouse, hostile_house
from tests.hostile.authorization_world import Caller
from tests.hostile.openapi_attack import (
    Request,
    Sent,
    attack,
    authorize,
    check,
    grant,
    id_of,
    name_of,
    operations,
    use_known_ids,
)
from tests.hostile.openapi_examples import NEVER_GRANTED

from dragoman.wire.frames import Header, JsonValue

RESULTS = Path(__file__).resolve().parent / "results"
CASES, SECONDS, STEPS, AT_A_TIME = 3, 150.0, 25, 10
PEOPLE = (Caller.OWNER, Caller.SITE_ADMIN, Caller.MEMBER, Caller.HOST, Caller.FOREIGN)
"""Who lives a scenario, one after the other."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack and print. Returns the exit status: 1 if any answer was wrong."""
    options = _parse(arguments)
    machine, wrong = describe_machine(), list[str]()
    said = [describe(machine)]
    print(said[0], flush=True)
    parts = {}
    for name, run in PARTS.items():
        sent, began_s = Sent(), time.monotonic()
        with tempfile.TemporaryDirectory() as folder, hostile_house(Path(folder)) as house:
            there = {id_of(it) for it in operations(house)}
            wrong += run(house, sent, options)
        parts[name] = (sent, time.monotonic() - began_s)
    wrong += _hollow({name: sent for name, (sent, _) in parts.items()}, there)
    said.append(_describe(parts, there, len(wrong)))
    print("\n" + said[1])
    for each in wrong:
        print(f"\n{each}", file=sys.stderr)
    figures: Header = {
        "machine": rounded(dataclasses.asdict(machine)),
        "operations": len(there),
        "never_granted": dict[str, JsonValue](NEVER_GRANTED),
        "wrong": list[JsonValue](it.splitlines()[0][:200] for it in wrong),
        "parts": rounded({name: _figures(sent, took_s) for name, (sent, took_s) in parts.items()}),
    }
    if options.write:
        path = write_results(
            RESULTS,
            "openapi",
            title="Requests made up from the OpenAPI",
            command="python benchmarks/openapi.py --write",
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 1 if wrong else 0


def _grant_each(house: HostileHouse, sent: Sent, options: argparse.Namespace) -> list[str]:
    asked = [it for it in operations(house) if id_of(it) not in NEVER_GRANTED]
    return [error for it in asked if (error := grant(house, it, sent))]


def _attack_fitting(house: HostileHouse, sent: Sent, options: argparse.Namespace) -> list[str]:
    return _attack_each(GenerationMode.POSITIVE, house, sent, options)


def _attack_unfitting(house: HostileHouse, sent: Sent, options: argparse.Namespace) -> list[str]:
    return _attack_each(GenerationMode.NEGATIVE, house, sent, options)


def _attack_each(mode: GenerationMode, house: HostileHouse, sent: Sent, options: argparse.Namespace) -> list[str]:
    asked = operations(house)
    return [error for it in asked if (error := attack(house, it, mode, cases=options.cases, sent=sent))]


def _hollow(parts: Mapping[str, Sent], there: set[str]) -> list[str]:
    """Say what was not tried in earnest: nothing is learned from who is held up, or is never granted anything."""
    missing = sorted(there - set(+parts["granted"].granted) - set(NEVER_GRANTED))
    found = [f"granted to nobody: {', '.join(missing)}"] if missing else []
    return found + [f"{name}: {held} requests were held up" for name, it in parts.items() if (held := it.statuses[429])]


def _live_through(house: HostileHouse, sent: Sent, options: argparse.Namespace) -> list[str]:
    """Run scenarios of rising seeds until the time is over, each as one of ``PEOPLE``."""
    schema = schemathesis.openapi.from_dict(house.document)
    known = {id_of(it): house.fitting(name_of(it))[1].params for it in operations(house)}
    people, turns = cycle(PEOPLE), cycle((True, False))
    found, until_s = list[str](), time.monotonic() + options.seconds

    class Scenario(schema.as_state_machine()):  # type: ignore[misc]  # made from the schema
        def setup(self) -> None:
            self.token = house.tokens[next(people)]

        def step(self, given: StepInput) -> Any:
            if given.transition is None and next(turns):
                use_known_ids(given.case, known[id_of(given.case.operation)])
            return super().step(given)

        def before_call(self, case: Request) -> None:
            authorize(case, self.token)

        def get_call_kwargs(self, case: Request) -> dict[str, Any]:
            return {"base_url": house.origin}

        def validate_response(self, response: Any, case: Request, **more: Any) -> None:
            sent.count(id_of(case.operation), response.status_code)
            check(case, response)

    for seed in _until(until_s):
        error = _run(Scenario, seed)
        found += [error] if error and error not in found else []
    return found


PARTS = {
    "granted": _grant_each,
    "fitting": _attack_fitting,
    "unfitting": _attack_unfitting,
    "scenarios": _live_through,
}
"""Each in a house of its own: what one leaves behind, such as plans that are on, is in nobody else's way."""


def _until(until_s: float) -> Iterator[int]:
    for seed in count():
        if time.monotonic() >= until_s:
            return
        yield seed


def _run(scenario: type[APIStateMachine], seed: int) -> str:
    limits = settings(
        max_examples=AT_A_TIME,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    scenario.rule_order_seed = seed
    try:
        scenario.run(settings=limits)
    except (AssertionError, FailureGroup) as error:
        return f"scenario: {error}"
    return ""


def _figures(sent: Sent, took_s: float) -> dict[str, Any]:
    statuses = {str(status): number for status, number in sorted(sent.statuses.items())}
    return {"took_s": took_s, "requests": dict(sent.requests), "granted": dict(+sent.granted), "statuses": statuses}


def _describe(parts: dict[str, tuple[Sent, float]], there: set[str], wrong: int) -> str:
    rows: list[tuple[str, ...]] = [("part", "seconds", "requests", "operations", "granted once or more", "broken")]
    for name, (sent, took_s) in parts.items():
        granted = len(+sent.granted)
        covered = f"{len(sent.requests)} of {len(there)}"
        rows.append((name, f"{took_s:.0f}", str(sent.requests.total()), covered, str(granted), str(sent.broken)))
    said = f"Answers that were wrong (undocumented, of another shape, or broken): {wrong}"
    return f"{table(rows)}\n\n{said}"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cases",
        type=int,
        default=CASES,
        help=f"requests of each kind for each operation ({CASES})",
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of scenarios ({SECONDS:g})")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/openapi-<cores>-cores.*")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
