#!/bin/sh
# ran.sh LOG...: whether each test that docs/deploy.md names has passed in one of these logs of go test -v, and was skipped in none
# where it did not pass elsewhere.
set -eu
cd "$(dirname "$0")/.."
missing=0
for name in $(sed -n '/<!-- shown -->/,/<!-- \/shown -->/p' docs/deploy.md | grep -o '`Test[A-Za-z0-9_/]*`' | tr -d '`' | sort -u); do
  grep -hEq -- "--- PASS: $name( |\$)" "$@" || { echo "$name has not run, or was skipped: $(grep -hE -- "--- (SKIP|FAIL): $name( |\$)" "$@" | head -1)"; missing=1; }
done
[ $missing = 0 ] && echo "every test that docs/deploy.md names has run"
