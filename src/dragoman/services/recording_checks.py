"""Refuse what cannot work before anything is computed, and say what would. From recording.py."""

from dragoman.ground.errors import AudioTooLong, LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.rooms.audio_file import measure_recording
from dragoman.rooms.wav_room import FileSpeaker, name_speakers
from dragoman.services.assembly import Engines
from dragoman.services.doctor import diagnose, hint_for
from dragoman.services.recording_request import RecordingRequest, Telling
from dragoman.settings import Settings


def measure_speakers(request: RecordingRequest, settings: Settings, telling: Telling) -> list[FileSpeaker]:
    """Decode every file once, so that a bad one is told of now.

    Raises ``AudioUnreadable``, and ``AudioTooLong`` for a file that is longer than the limit or begins after it.
    """
    limit_s = settings.max_recording_hours * 3600
    for start_s in request.starts_at_s:
        if start_s > limit_s:
            raise AudioTooLong(
                f"--start {start_s:g} is after the limit of {settings.max_recording_hours:.3g} hours: begin earlier"
            )
    recordings = [measure_recording(path, limit_s=limit_s) for path in request.files]
    for recording in recordings:
        if recording.cut_short:
            telling.on_note(f"{recording.path} is cut short: {recording.duration_s:.1f} s of it can be read")
    return name_speakers(recordings, request.sources, request.starts_at_s)


def check_directions(request: RecordingRequest, engines: Engines, settings: Settings) -> None:
    """Raise ``LanguageNotSupported`` for a language that nothing here recognises, or a pair that nothing translates."""
    heard = {language for engine in engines.speech_to_text for language in engine.info.languages}
    pairs = {pair for engine in engines.translation for pair in engine.info.pairs}
    for source in dict.fromkeys(request.sources):
        if source not in heard:
            raise LanguageNotSupported(
                f"nothing here recognises {language_name(source)}; "
                f"what is here hears: {describe_languages(sorted(heard)) or 'nothing'}. "
                + _what_helps(engines, settings, source, _other(request, source))
            )
        for target in request.targets:
            if target != source and (source, target) not in pairs:
                known = _targets_from(source, request, engines, settings)
                raise LanguageNotSupported(
                    f"nothing here translates {language_name(source)} to {language_name(target)}; "
                    f"from {language_name(source)} there is: {describe_languages(known) or 'nothing'}. "
                    + _what_helps(engines, settings, source, target)
                )


def _targets_from(source: Language, request: RecordingRequest, engines: Engines, settings: Settings) -> list[Language]:
    """List what ``source`` can be translated to: by the engines asked for, else by everything that is here."""
    if request.wishes.translation:
        return sorted({to for engine in engines.translation for frm, to in engine.info.pairs if frm == source})
    return [direction.target for direction in diagnose(settings).directions if direction.source == source]


def _other(request: RecordingRequest, source: Language) -> Language:
    return next((target for target in request.targets if target != source), source)


def _what_helps(engines: Engines, settings: Settings, source: Language, target: Language) -> str:
    """Name what could not be opened, which may be all that lacks, then the models to fetch."""
    return "; ".join([*engines.left_out, hint_for(settings, source, target)])


def voiced_targets(request: RecordingRequest, engines: Engines, telling: Telling) -> frozenset[Language]:
    """Give the targets that some voice speaks, and tell of the others, which get captions only.

    What everybody speaks already is told of too: it is neither translated nor dubbed.
    """
    for sentence in engines.left_out:
        telling.on_note(f"left out: {sentence}")
    spoken = {language for engine in engines.text_to_speech for language in engine.info.languages}
    for target in request.targets:
        if set(request.sources) == {target}:
            telling.on_note(f"{language_name(target)} is what is spoken: captions of it, no translation and no dub")
        elif target not in spoken:
            telling.on_note(f"no voice here speaks {language_name(target)}: captions only")
    return frozenset(target for target in request.targets if target in spoken)
