#!/bin/sh
# What one event costs the program that it happens to, natively: ns of CPU time a call of
# getppid() on a CPU of its own, bare, with a BPF program that does nothing, with one that
# puts 96 bytes with the time into a ring, with hyptrace's probe, totals, rings and trace,
# with `perf record`, with trace-cmd where the machine lets it run; the best of ROUNDS (5),
# MS (1000) each. hyptrace may add half of what perf adds; what the ring's one record adds
# is the least that any recorder with BPF does here.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
recorder=$build/tests/integration/recorder
rounds=${ROUNDS:-5} ms=${MS:-1000}
event=syscalls:sys_enter_getppid

skip() {
	echo "SKIP: $*"
	exit 77
}

said=$("$recorder" --probe) || skip "${said#SKIP: }"
command -v perf >/dev/null || skip "perf is missing: run 'make deps'"
[ "$(nproc)" -gt 1 ] || skip 'one CPU: the collector would run on that of the program'
work=$(mktemp -d "${TMPDIR:-/var/tmp}/hyptrace-native.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cpu=$(($(nproc) - 1))
cat >"$work/program" <<END
TIMEFORMAT='cpu %U %S'
time taskset -c $cpu $build/tests/integration/getppid_loop 1000 0 $ms
END
program="bash $work/program"

# run WAY: prints how many calls were made and the s of CPU time; all that was said is in `said`.
run() {
	rm -rf "$work/trace"
	case $1 in
	bare) $program ;;
	empty) "$build/attach-empty" sys_enter -- $program ;;
	ring) taskset -c 0 "$build/attach-empty" --ring sys_enter -- $program ;;
	hyptrace) taskset -c 0 "$recorder" -o "$work/trace" -- $program ;;
	perf) taskset -c 0 perf record -o "$work/trace" -e $event -- $program ;;
	trace-cmd)
		command -v trace-cmd >/dev/null || { echo "trace-cmd is missing: run 'make deps'"; return 1; }
		taskset -c 0 trace-cmd record -o "$work/trace" -e $event $program
		;;
	esac >"$work/said" 2>&1
	awk '/^[0-9]+$/ { calls = $1 } $1 == "cpu" { s = $2 + $3 } END { if (!calls || !s) exit 1; print calls, s }' \
		"$work/said"
}

ways='bare empty ring hyptrace perf'
if run trace-cmd >"$work/calls"; then
	ways="$ways trace-cmd"
else
	echo "SKIP trace-cmd: $(grep . "$work/said" | tr '\n' ' ')"
fi
for _ in $(seq "$rounds"); do
	for way in $ways; do
		calls=$(run "$way") || { cat "$work/said" >&2; exit 1; }
		echo "$way $calls"
	done
done | awk '
	NF == 3 {
		now = 1e9 * $3 / $2
		if (!($1 in ns) || now < ns[$1])
			ns[$1] = now
	}
	END {
		if (!("bare" in ns) || !("hyptrace" in ns) || !("perf" in ns))
			exit 1
		for (way in ns)
			printf "%-10s %5.0f ns a call, %5.0f added\n", way, ns[way], ns[way] - ns["bare"]
		printf "the ring alone adds %.2f of what perf adds\n", (ns["ring"] - ns["bare"]) / (ns["perf"] - ns["bare"])
		ratio = (ns["hyptrace"] - ns["bare"]) / (ns["perf"] - ns["bare"])
		printf "hyptrace adds %.2f of what perf adds%s\n", ratio, (ratio > 0.5 ? ", OVER 0.50" : " (at most 0.50)")
		exit (ratio > 0.5)
	}'
