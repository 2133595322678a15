# Sourced by the tests of `hyptrace lab` itself: a folder of their own, and checks. A test
# sets `emulators` before, and closes with `failed` as its status.
# shellcheck shell=sh
set -u
cd "$(dirname "$0")/../.." || exit
hyptrace=$(realpath "${O:-build}")/hyptrace
for program in $emulators mmdebstrap; do
	command -v "$program" >/dev/null || {
		echo "$program is not installed"
		exit 77
	}
done
share=$(mktemp -d)
trap 'rm -rf "$share"' EXIT
cd "$share" || exit 1
failed=0

# is WHAT WANTED FOUND
is() {
	[ "$2" = "$3" ] && return
	echo "$1: '$3', not '$2'"
	failed=1
}
