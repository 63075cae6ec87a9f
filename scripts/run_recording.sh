#!/usr/bin/env bash
# Interpret a recording for "make recording": scripts/run_recording.sh FILE FROM "TO TO ..." [OUT]
# Without OUT the results go to results/NAME, or to results/NAME-2, -3, ... if it has been there before.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly file=$1 from=$2 to=$3
out=${4:-}

if [[ -z $out ]]; then
    name=$(basename "$file")
    name=results/${name%.*}
    out=$name
    for ((number = 2; ; number++)); do
        [[ -e $out ]] || break
        out=$name-$number
    done
fi

targets=()
for language in $to; do
    targets+=(--to "$language")
done

echo "recording: $file, from $from into $to, in real time"
.venv/bin/dragoman interpret "$file" --from "$from" "${targets[@]}" --out "$out"
echo "recording: the results:"
ls -l "$out"
