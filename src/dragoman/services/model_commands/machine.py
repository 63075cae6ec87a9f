"""What this machine has for models: memory, and what its processor can. To probing.py."""

from dataclasses import dataclass
from pathlib import Path

import ctranslate2

_FEATURES = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "avx_vnni": "VNNI", "asimd": "NEON"}
"""Names of the kernel, and of people: what makes models quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One computer, at the moment."""

    free_mb: int
    """Memory that can be had without swapping, MiB; 0 if the kernel does not tell."""
    features: tuple[str, ...]
    int8: bool
    """Whole numbers of 8 bits are computed with as such."""


def look_at_machine(*, proc: Path = Path("/proc")) -> Machine:
    """Ask the kernel and CTranslate2."""
    return Machine(
        free_mb=read_free_mb(_text(proc / "meminfo")),
        features=read_features(_text(proc / "cpuinfo")),
        int8="int8" in ctranslate2.get_supported_compute_types("cpu"),
    )


def read_free_mb(meminfo: str) -> int:
    """Read ``MemAvailable`` in MiB."""
    for line in meminfo.splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) // 1024
    return 0


def read_features(cpuinfo: str) -> tuple[str, ...]:
    """Read what the first processor can, in names of people."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            flags = set(value.split())
            return tuple(dict.fromkeys(known for flag, known in _FEATURES.items() if flag in flags))
    return ()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
