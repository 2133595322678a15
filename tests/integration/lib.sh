# Sourced by the tests that record getppid() calls on this machine's kernel: what
# is built, a work folder, and checks. A test sets `tools` before, programs that it
# needs, and closes with the number of failures as its status.
# shellcheck shell=sh
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${O:-build}
# shellcheck disable=SC2034 # for who sources this
hyptrace=$build/hyptrace loop=$build/tests/integration/getppid_loop
recorder=$build/tests/integration/recorder
failures=0

skip() {
	echo "$*"
	exit 77
}

# skip_part WHAT: a part of a test that this machine cannot do; the others are done.
skip_part() {
	echo "SKIP: $*"
}

for tool in $tools; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
"$recorder" --probe || exit $?
work=$(mktemp -d) || exit 1
trap 'umount -q "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# expect WHAT GOT WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}
