#!/bin/sh
# Runs the tests of the levels named (default: all) and closes with one line:
# N passed, N failed, N skipped. A test is a program that exits 0, or 77 to be
# skipped with its reason on the last line of its output; a line "SKIP: ..." of one
# that passes names a part that was not tested. The log of a failed test is
# printed. A test of an emulated host, whose CPUs are threads of a machine that
# may be busy, is run once more when it fails: passing then, it passes, and is
# counted as unstable too.
set -u
cd "$(dirname "$0")/.." || exit
O=${O:-build}
export O
unset SUDO_UID SUDO_GID # recordings would be that user's
levels=${*:-lint unit golden integration lab}
logs=$O/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0 unstable=0

# attempt PROGRAM: sets status, and took.
attempt() {
	begin=$(date +%s)
	"$1" >"$log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - begin))
}

# tell_failure WORD LOG
tell_failure() {
	echo "$1 $name (status $status, $took s), log $2:"
	tail -n 60 "$2" | sed 's/^/    /'
}

run_one() {
	name=$1 log=$logs/$(echo "$1" | tr / _).log
	attempt "$2"
	case $name-$status in
	lab/*-0 | lab/*-77) ;;
	lab/*)
		mv "$log" "$log.first"
		tell_failure UNSTABLE "$log.first"
		unstable=$((unstable + 1))
		attempt "$2"
		;;
	esac
	case $status in
	0)
		passed=$((passed + 1))
		echo "PASS $name ($took s)"
		sed -n "s|^SKIP: |SKIP a part of $name: |p" "$log"
		;;
	77) skipped=$((skipped + 1)) && echo "SKIP $name: $(tail -n 1 "$log")" ;;
	*) failed=$((failed + 1)) && tell_failure FAIL "$log" ;;
	esac
}

# The programs of one level: scripts in the tree, binaries in the build folder.
programs() {
	case $1 in
	lint) echo tests/lint.sh ;;
	unit) find "$O/tests/unit" -maxdepth 1 -type f -name 'test_*' -perm -u+x | sort ;;
	*) find "tests/$1" -maxdepth 1 -type f -name '*.sh' ! -name 'lib*.sh' -perm -u+x | sort ;;
	esac
}

for level in $levels; do
	for program in $(programs "$level"); do
		run_one "$level/$(basename "$program" .sh)" "$program"
	done
done
[ $unstable -eq 0 ] || echo "unstable, so that they were run twice: $unstable"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
