#!/bin/sh
# Runs the tests of the levels named (default: all) and closes with one line:
# N passed, N failed, N skipped. A test is a program that exits 0, or 77 to be
# skipped with its reason on the last line of its output. The log of a failed
# test is printed.
set -u
cd "$(dirname "$0")/.."
O=${O:-build}
export O
unset SUDO_UID SUDO_GID # recordings would be that user's
levels=${*:-lint unit golden integration lab}
logs=$O/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

run_one() {
	name=$1 log=$logs/$(echo "$1" | tr / _).log
	begin=$(date +%s)
	"$2" >"$log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - begin))
	case $status in
	0) passed=$((passed + 1)) && echo "PASS $name (${took} s)" ;;
	77) skipped=$((skipped + 1)) && echo "SKIP $name: $(tail -n 1 "$log")" ;;
	*)
		failed=$((failed + 1))
		echo "FAIL $name (status $status, ${took} s), log $log:"
		tail -n 60 "$log" | sed 's/^/    /'
		;;
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
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
