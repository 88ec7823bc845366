#!/usr/bin/env bash
# What the tests need beyond Python: PostgreSQL, Chromium and a font with Chinese characters.
# Installed when run as root on a machine with apt; otherwise says exactly what is missing.
set -euo pipefail

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || [ -n "${MARKETPLACE_TEST_POSTGRES_BIN:-}" ] || missing+=(postgresql)
command -v chromium > /dev/null || [ -n "${MARKETPLACE_TEST_CHROMIUM:-}" ] || missing+=(chromium)
[ -n "$(find /usr/share/fonts "$HOME/.fonts" -iname '*cjk*' -print -quit 2> /dev/null)" ] || missing+=(fonts-noto-cjk)
command -v setpriv > /dev/null || missing+=(util-linux)

[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "installing: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
else
    echo "missing: ${missing[*]} - the tests that need them are skipped; as root: apt-get install ${missing[*]}"
fi
