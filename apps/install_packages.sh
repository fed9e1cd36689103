#!/usr/bin/env bash
# Installs the Debian packages named that are missing, and does nothing when none is.
set -euo pipefail

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v apt-get >/dev/null; then
  echo "no apt-get here; these Debian packages, or what they hold, have to be installed: $*" >&2
  exit 0
fi

missing=()
for package in "$@"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "these packages are missing, and only root can install them: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null >"$log" 2>&1
}
# An update may fail for a reason that does not matter here; the installation tells.
apt update || tail -n 3 "$log" >&2
if ! apt install --no-install-recommends "${missing[@]}"; then
  cat "$log" >&2
  exit 1
fi
