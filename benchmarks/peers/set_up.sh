#!/usr/bin/env bash
# Install the peers of benchmarks/recognition_peers.py: about 6 GB under .cache/peers, never needed by Dragoman.
set -euo pipefail
cd "$(dirname "$0")/../.."

commit=1f25a1a48bd9807159989e6596178c69e797ac75
folder=.cache/peers
uv=.cache/tools/bin/uv
[[ -x $uv ]] || scripts/set_up.sh test
[[ -x $folder/venv/bin/python ]] || "$uv" venv --quiet --python .venv/bin/python "$folder/venv"
# Without this project's own settings: they leave out what the peers need.
"$uv" pip install --no-config --quiet --python "$folder/venv/bin/python" --requirement benchmarks/peers/requirements.txt
[[ -d $folder/whisper_streaming ]] || git clone --quiet https://github.com/ufal/whisper_streaming "$folder/whisper_streaming"
git -C "$folder/whisper_streaming" checkout --quiet "$commit"
echo "peers: installed in $folder"
