#!/bin/sh
# Built with sanitizers, the dashboard and a recording for SECONDS_WATCHED (600) while
# VMs come and go: keys are pressed, the window changes its size, screens are saved.
# Nothing may be reported, and neither memory nor open files may grow. `make soak`
# builds what it needs.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
. tests/golden/lib-screen.sh
seconds=${SECONDS_WATCHED:-600}
warm=$((seconds < 240 ? seconds / 4 : 60))
grown_most=8192 # KiB; a recording's rings are touched bit by bit
recorder=$build/tests/integration/recorder
status=0

command -v jq >/dev/null || { echo "SKIP: jq is missing: run 'make deps'"; exit 77; }
"$recorder" --probe || exit $?
nm "$recorder" | grep -q __asan_init || { echo "$build has no sanitizers: run 'make soak'"; exit 1; }
work=$(mktemp -d "${TMPDIR:-/var/tmp}/hyptrace-soak.XXXXXX") || exit 1
trap 'screen_end; kill $churn $recording 2>/dev/null; rm -rf "$work"' EXIT
churn='' recording=''
cd "$work" || exit 1
export XDG_CONFIG_HOME="$work/config"
# What is freed is given back soon, so that growth shows.
export ASAN_OPTIONS="log_path=$work/report:quarantine_size_mb=8:detect_leaks=1"
export UBSAN_OPTIONS="log_path=$work/report:print_stacktrace=1"

fail() {
	echo "FAIL: $*"
	status=1
}

# One round of keys: each screen, what sorts, filters, opens, holds and counts anew.
rounds=0
round() {
	rounds=$((rounds + 1))
	for keys in '1 j j Enter' 'v v v Escape' '2 s > > <' '/ v m Enter' 'Escape r Enter' 'Escape' \
		'3 u' '4 u i' '2 j Enter' 'v' 'Escape Escape' 'p' 'p z' '? Escape' "w"; do
		# shellcheck disable=SC2086 # words
		press $keys
		sleep 0.2
	done
	case $((rounds % 4)) in
	0) resize 80x24 ;;
	1) resize 200x60 ;;
	2) resize 30x8 ;;
	3) resize 120x40 ;;
	esac
	click $((1 + rounds % 80)) $((1 + rounds % 24))
}

# sample PID FILE: memory in KiB and open files.
sample() {
	echo "$(awk '/VmRSS/ { print $2 }' "/proc/$1/status" 2>/dev/null)" \
		"$(find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l)" >>"$2"
}

# is_steady WHAT FILE: the median of the second half of the samples is not above that of
# the first; one sample may see a screen being saved or a part being closed.
is_steady() {
	awk -v what="$1" -v most=$grown_most '{ memory[NR] = $1; files[NR] = $2 }
		function median(of, from, to,   i, j, n, sorted, value) {
			for (i = from; i <= to; i++) {
				value = of[i]
				for (j = n++; j > 0 && sorted[j - 1] > value; j--)
					sorted[j] = sorted[j - 1]
				sorted[j] = value
			}
			return sorted[int(n / 2)]
		}
		END {
			half = int(NR / 2)
			grown = median(memory, half + 1, NR) - median(memory, 1, half)
			opened = median(files, half + 1, NR) - median(files, 1, half)
			printf "%s: %d samples of %d KiB at last, grown by %d KiB and %d files\n", \
				what, NR, memory[NR], grown, opened
			exit NR < 4 || grown > most || opened > 0
		}' "$2" || fail "$1 grows (at most $grown_most KiB): $(tr '\n' ',' <"$2")"
}

"$build/tests/integration/vms_come_and_go" $((seconds + 600)) 24 >churn.out &
churn=$!
"$recorder" -a -o "$work/trace" --rotate 16M --keep 2 --mem-ring 1M 2>recording.err &
recording=$!
screen 120x40 xterm-256color C.UTF-8 "$recorder live -a; echo \$? >ended"
awaits '\? Help' || exit 1
# The child of the two processes has the dashboard, the parent guards the terminal.
dashboard=$(pgrep -nf "^$recorder live")

begin=$(date +%s) saved=0
while [ $(($(date +%s) - begin)) -lt "$seconds" ]; do
	round
	[ "$(tm list-panes -F '#{pane_dead}')" = 0 ] || { fail "it has ended: $(shown)"; break; }
	if [ $(($(date +%s) - begin)) -ge $warm ]; then
		sample "$dashboard" dashboard.samples
		sample "$recording" recording.samples
	fi
	for json in hyptrace-*.json; do
		[ ! -e "$json" ] || jq -e .exits.total "$json" >/dev/null || fail "$json: $(cat "$json")"
		[ ! -e "$json" ] || saved=$((saved + 1))
	done
	rm -f hyptrace-*
done
[ $saved -gt 0 ] || fail 'no screen was saved'
press q
ends || fail 'q does not end it'
[ "$(cat ended)" = 0 ] || fail "the dashboard's status is $(cat ended)"
kill -INT $recording
wait $recording || fail "the recording's status is $?: $(cat recording.err)"
recording=''
echo "$seconds s, $rounds rounds of keys, $saved screens saved; $(tail -n 1 recording.err)"
is_steady 'the dashboard' dashboard.samples
is_steady 'the recording' recording.samples
for report in report.*; do
	[ ! -e "$report" ] || { fail 'the sanitizers report:'; head -n 40 "$report"; }
done
[ $status -ne 0 ] || echo 'PASS: nothing reported, nothing grew'
exit $status
