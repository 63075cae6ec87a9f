"""Refuse what cannot work before anything is computed, and say what would. From recording.py."""

from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.rooms.audio_file import measure_recording
from dragoman.rooms.wav_room import FileSpeaker, name_speakers
from dragoman.services.assembly import Engines
from dragoman.services.doctor import hint_for
from dragoman.services.recording_request import RecordingRequest, Telling
from dragoman.settings import Settings


def measure_speakers(request: RecordingRequest, settings: Settings, telling: Telling) -> list[FileSpeaker]:
    """Decode every file once, so that a bad one is told of now. Raises ``AudioUnreadable`` and ``AudioTooLong``."""
    limit_s = settings.max_recording_hours * 3600
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
                + _hint(request, settings, source)
            )
        for target in request.targets:
            if target != source and (source, target) not in pairs:
                known = sorted(to for frm, to in pairs if frm == source)
                raise LanguageNotSupported(
                    f"nothing here translates {language_name(source)} to {language_name(target)}; "
                    f"from {language_name(source)} there is: {describe_languages(known) or 'nothing'}. "
                    + hint_for(settings, source, target)
                )


def _hint(request: RecordingRequest, settings: Settings, source: Language) -> str:
    other = next((target for target in request.targets if target != source), None)
    return hint_for(settings, source, other) if other is not None else ""


def voiced_targets(request: RecordingRequest, engines: Engines, telling: Telling) -> frozenset[Language]:
    """Give the targets that some voice speaks; of the others people are told that they get captions only."""
    spoken = {language for engine in engines.text_to_speech for language in engine.info.languages}
    for target in request.targets:
        if target not in spoken:
            telling.on_note(f"no voice here speaks {language_name(target)}: captions only")
    return frozenset(target for target in request.targets if target in spoken)
