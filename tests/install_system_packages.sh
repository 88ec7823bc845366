#!/usr/bin/env bash
# What the tests need beyond Python: PostgreSQL, Chromium, a font with Chinese characters, Java and Elasticsearch.
# Installed when run as root on a machine with apt; otherwise says exactly what is missing.
set -euo pipefail

elasticsearch=8.19.8
archive=.venv/downloads/elasticsearch.zip

# The stock server without its plugins, as Maven has it; a few seconds, once per clone.
fetch_elasticsearch() {
    { [ -f "$archive" ] || [ -n "${MARKETPLACE_TEST_ELASTICSEARCH_ZIP:-}" ]; } && return
    command -v mvn > /dev/null || return 0
    echo "fetching: Elasticsearch $elasticsearch"
    mkdir -p "$(dirname "$archive")"
    mvn --quiet --batch-mode -Dstyle.color=never dependency:copy -DoutputDirectory="$(dirname "$archive")" \
        -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$elasticsearch:zip"
    mv "$(dirname "$archive")/elasticsearch-$elasticsearch.zip" "$archive"
}

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || [ -n "${MARKETPLACE_TEST_POSTGRES_BIN:-}" ] || missing+=(postgresql)
command -v chromium > /dev/null || [ -n "${MARKETPLACE_TEST_CHROMIUM:-}" ] || missing+=(chromium)
[ -n "$(find /usr/share/fonts "$HOME/.fonts" -iname '*cjk*' -print -quit 2> /dev/null)" ] || missing+=(fonts-noto-cjk)
command -v setpriv > /dev/null || missing+=(util-linux)
command -v java > /dev/null || [ -n "${ES_JAVA_HOME:-}" ] || missing+=(openjdk-17-jre-headless)
command -v mvn > /dev/null || [ -f "$archive" ] || [ -n "${MARKETPLACE_TEST_ELASTICSEARCH_ZIP:-}" ] || missing+=(maven)

if [ ${#missing[@]} -eq 0 ]; then
    :
elif [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "installing: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
else
    echo "missing: ${missing[*]} - the tests that need them are skipped; as root: apt-get install ${missing[*]}"
fi
fetch_elasticsearch
