"""Stand-ins for the libraries of job voices: packages of the same names, calls and results; and models for them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

TENSOR = """
import numpy as np

class Tensor:
    def __init__(self, hertz, seconds):
        self.samples = (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(24000 * seconds)) / 24000)).astype(np.float32)
    def cpu(self):
        return self
    def numpy(self):
        return self.samples
"""
STAND_INS = {
    "TTS/tts/configs/xtts_config.py": """
class XttsConfig:
    class model_args:
        output_sample_rate = 24000
    def load_json(self, path):
        open(path).close()
""",
    "TTS/tts/models/xtts.py": TENSOR
    + """
class Xtts:
    @staticmethod
    def init_from_config(config):
        return Xtts()
    def load_checkpoint(self, config, checkpoint_dir=None):
        open(checkpoint_dir + "/model.pth").close()
    def get_conditioning_latents(self, audio_path):
        open(audio_path[0]).close()
        return "latents of " + audio_path[0], "speaker"
    def inference_stream(self, text, language, gpt_cond_latent, speaker_embedding, speed=1.0):
        if language == "zh":
            raise ValueError("XTTS says zh-cn")
        if "crash" in text:
            import os
            os._exit(3)
        print("noise on stdout")
        for _ in text.split():
            yield Tensor(440, 0.25 / speed)
""",
    "f5_tts/api.py": TENSOR
    + """
class F5TTS:
    target_sample_rate = 24000
    def __init__(self, model, ckpt_file, vocab_file, vocoder_local_path, device):
        self.base = 880 if model == "F5TTS_Base" else 440
    def infer(self, ref_file, ref_text, gen_text, speed=1.0, seed=None):
        if not ref_text:
            raise ValueError("the words of the recording are missing")
        return Tensor(self.base, 0.25 * len(gen_text.split()) / speed).numpy(), 24000, None
""",
    "chatterbox/mtl_tts.py": TENSOR
    + """
class ChatterboxMultilingualTTS:
    sr = 24000
    def __init__(self):
        self.conds = 440
    @classmethod
    def from_local(cls, folder, device):
        return cls()
    def generate(self, text, language_id, audio_prompt_path=None, cfg_weight=0.5):
        if audio_prompt_path:
            self.conds = 880
        return Tensor(self.conds, 0.25 * len(text.split()))
""",
}


@contextmanager
def libraries_installed(root: Path) -> Iterator[Path]:
    """Put the stand-ins below ``root``, on the path of this process and of its workers."""
    for name, source in STAND_INS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        for folder in path.relative_to(root).parents:
            (root / folder / "__init__.py").touch()
    (root / "__init__.py").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        patch.setenv("PYTHONPATH", str(root))
        yield root
    # Found, they may have been imported: the next ones lie in another folder.
    for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
        del sys.modules[name]


_PACKAGES = {name.partition("/")[0] for name in STAND_INS}


def make_model(folder: Path, module: ModuleType, *, voices: tuple[str, ...] = ("ann",)) -> Path:
    for name in module.LIBRARY.files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    for voice in voices:
        (folder / "voices").mkdir(exist_ok=True)
        soundfile.write(folder / "voices" / f"{voice}.wav", np.zeros(24_000), 24_000)
        (folder / "voices" / f"{voice}.txt").write_text("What Ann says here.")
    return folder
