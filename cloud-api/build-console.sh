#!/bin/sh
# Builds the console into console/dist, and does nothing that is already done: packages are installed again only when
# the lock file is newer than the last install, the bundle made again only when a source is newer than the last bundle.
set -eu
cd "$(dirname "$0")/console"

if ! command -v npm >/dev/null 2>&1; then
  echo "console: npm is not on the PATH; install Node.js 20.19 or newer, or build without the console by -Dconsole.skip" >&2
  exit 1
fi

installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ -n "$(find package.json package-lock.json -newer "$installed")" ]; then
  npm ci --ignore-scripts --no-audit --no-fund
  touch "$installed"
fi

bundle=dist/index.html
if [ -f "$bundle" ] \
  && [ -z "$(find . \( -name node_modules -o -name dist \) -prune -o -type f -newer "$bundle" -print | head -n 1)" ]; then
  echo "console: dist is up to date"
  exit 0
fi
npm run build
