#!/usr/bin/env bash
# Put livekit-server, the SFU of the calls, where Dragoman finds it. Quick when it is there already.
#
# In order: livekit-server on the path if it is of the pinned version; .cache/livekit/livekit-server; a build by
# "go install" (Go 1.26 or newer); the project's release archive, whose SHA-256 must stand in its published sums.
# LIVEKIT_FOLDER installs elsewhere; LIVEKIT_RELEASES is a mirror of the release page (https:// or file://).
# An archive and checksums.txt that a person has put into the folder are used before anything is downloaded.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly version=1.13.5
readonly folder=${LIVEKIT_FOLDER:-.cache/livekit}
readonly releases=${LIVEKIT_RELEASES:-https://github.com/livekit/livekit/releases/download}
readonly program=$folder/livekit-server
readonly log=$folder/install.log
readonly oldest_go=1.26

main() {
    local on_path
    if on_path=$(type -P livekit-server) && is_right "$on_path"; then
        say "livekit-server $version is on the path"
        return
    fi
    if is_right "$program"; then
        say "livekit-server $version is up to date"
        return
    fi
    mkdir -p "$folder"
    : >"$log"
    work=$(mktemp -d "$folder/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    if build_it || unpack_it; then
        return
    fi
    say "no livekit-server $version, and no way to get it from here. Either install Go $oldest_go or newer, or take"
    echo "    $(archive_name) and checksums.txt from"
    echo "    $releases/v$version/"
    echo "    put both into $folder and run this again. What was tried is in $log"
    exit 1
}

say() { echo "set-up: $*"; }

# A program of another version speaks another protocol, and is taken for missing.
is_right() { [[ -x $1 && $("$1" --version 2>/dev/null) == *" $version" ]]; }

# --- built here

build_it() {
    local began=$SECONDS
    if ! has_go; then
        echo "no Go $oldest_go or newer on the path" >>"$log"
        return 1
    fi
    printf 'set-up: livekit-server %s, built by Go, about two minutes ... ' "$version"
    if GOBIN=$(realpath "$work") go install "github.com/livekit/livekit-server/cmd/server@v$version" >>"$log" 2>&1 </dev/null &&
        is_right "$work/server"; then
        mv "$work/server" "$program"
        echo "done, $((SECONDS - began)) s"
    else
        echo "FAILED; trying the release archive"
        return 1
    fi
}

has_go() {
    local found
    found=$(go env GOVERSION 2>/dev/null) || return 1
    [[ $(printf '%s\n' "$oldest_go" "${found#go}" | sort -V | head -n 1) == "$oldest_go" ]]
}

# --- the project's own build

unpack_it() {
    local archive sums given=$folder
    archive=$(archive_name) || return 1
    sums=$given/checksums.txt
    if [[ ! -f $given/$archive || ! -f $sums ]]; then
        given=$work
        sums=$given/checksums.txt
        printf 'set-up: livekit-server %s, release archive ... ' "$version"
        if ! download "$releases/v$version/checksums.txt" "$sums" ||
            ! download "$releases/v$version/$archive" "$given/$archive"; then
            echo "FAILED; $releases cannot be reached"
            return 1
        fi
        echo "downloaded"
    fi
    if ! matches_its_sum "$given" "$archive"; then
        say "$archive is not the published one: its SHA-256 does not stand in checksums.txt. It is not used"
        return 1
    fi
    tar -xzf "$given/$archive" -C "$work" livekit-server >>"$log" 2>&1 || return 1
    chmod +x "$work/livekit-server"
    if ! is_right "$work/livekit-server"; then
        say "the program in $archive is not livekit-server $version, or does not run on this machine"
        return 1
    fi
    mv "$work/livekit-server" "$program"
    say "livekit-server $version is installed"
}

archive_name() {
    local machine
    case $(uname -m) in
        x86_64) machine=amd64 ;;
        aarch64 | arm64) machine=arm64 ;;
        armv7l) machine=armv7 ;;
        *) machine=$(uname -m) ;;
    esac
    echo "livekit_${version}_linux_$machine.tar.gz"
}

download() {
    echo "== $1" >>"$log"
    if type curl &>/dev/null; then
        curl --fail --silent --show-error --location --connect-timeout 10 --max-time 300 --output "$2" "$1" >>"$log" 2>&1
    else
        wget --quiet --timeout=30 --tries=2 --output-document="$2" "$1" >>"$log" 2>&1
    fi
}

# matches_its_sum FOLDER ARCHIVE: the archive's SHA-256 stands beside its name in FOLDER/checksums.txt.
matches_its_sum() {
    local published found
    published=$(awk -v name="$2" '$2 == name || $2 == "*" name {print $1}' "$1/checksums.txt")
    found=$(sha256sum "$1/$2" | cut -d ' ' -f 1)
    [[ -n $published && $published == "$found" ]]
}

main "$@"
