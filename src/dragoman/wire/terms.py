"""How the terms of a room cross a process border and are shown over HTTP: JSON to ``TermBase`` and back."""

from dragoman.ground.errors import InputError, WireError
from dragoman.ground.glossary import Term, TermBase, TermState, make_term, make_term_base
from dragoman.wire.fields import Fields, sendable
from dragoman.wire.frames import Header, JsonValue


def write_term_base(base: TermBase) -> Header:
    terms: list[JsonValue] = [write_term(term) for term in base.terms]
    return {"version": base.version, "terms": terms}


def read_term_base(value: JsonValue) -> TermBase:
    """Raises ``WireError``. The version is reckoned anew."""
    fields = Fields(value, of="a glossary")
    fields.text("version")
    terms = [_read_term(item) for item in fields.items("terms")]
    fields.end()
    try:
        return make_term_base(terms)
    except InputError as error:
        raise WireError(str(error)) from error


def write_term(term: Term) -> Header:
    return {
        "source": sendable(term.source),
        "target": sendable(term.target),
        "source_language": term.source_language,
        "target_language": term.target_language,
        "state": term.state.value,
        "match_case": term.match_case,
    }


def _read_term(value: JsonValue) -> Term:
    fields = Fields(value, of="a term")
    state = fields.text("state")
    if state not in set(TermState):
        raise WireError(f"field 'state' of a term is one of {', '.join(TermState)}, not {state[:40]!r}")
    try:
        term = make_term(
            source=fields.text("source"),
            target=fields.text("target"),
            source_language=fields.optional("source_language", fields.language),
            target_language=fields.optional("target_language", fields.language),
            state=TermState(state),
            match_case=fields.flag("match_case"),
        )
    except InputError as error:
        raise WireError(str(error)) from error
    fields.end()
    return term
