#!/bin/sh
# How much the collector takes: RATE (1,000,000) records a second for SECONDS_WATCHED (60)
# from all CPUs at once, which the producers keep busy at normal priority, through rings of
# the default size, to the file system of TMPDIR. Records are as large as those of the
# patched kernel without pauses. Nothing may be lost, and babeltrace2 and `report` count
# what the producers counted. Then rates go up until records are lost.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "${O:-build}" && pwd) || exit 1
recorder=$build/tests/integration/recorder
stages=98 # of the patched 6.12
rate=${RATE:-1000000} seconds=${SECONDS_WATCHED:-60}
status=0

skip() {
	echo "SKIP: $*"
	exit 77
}

said=$("$recorder" --probe) || skip "${said#SKIP: }"
command -v babeltrace2 >/dev/null || skip "babeltrace2 is missing: run 'make deps'"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/hyptrace-throughput.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
system=$(stat -f -c %T "$work")
[ "$system" != tmpfs ] || skip "$work is in memory; set TMPDIR to a folder on a disk"
# A record takes 150 bytes of the trace, and some of it is thrown away only at the end.
needed=$((rate / 1000 * seconds * 200 / 1000)) free=$(df -m --output=avail "$work" | tail -n 1)
[ "$free" -gt $needed ] || skip "$work has $free MB, $needed are needed; set TMPDIR or SECONDS_WATCHED"

cpus=$(nproc)
cat >"$work/producers" <<END
for cpu in \$(seq 0 $((cpus - 1))); do
	$build/tests/integration/getppid_rate \$cpu \$((\$1 / $cpus)) \$2 &
done
wait
END

# cpu_ms PID: user and system time so far.
cpu_ms() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"
}

# watch RATE SECONDS: sets calls, got (of them a second), lost, and share (of a core, per cent).
watch() {
	rm -rf "$work/trace"
	"$recorder" --stages $stages -o "$work/trace" -- sh "$work/producers" "$1" "$2" >"$work/out" 2>"$work/err" &
	pid=$! begin=$(date +%s%N) spent=0
	while now=$(cpu_ms $pid 2>/dev/null) && [ -n "$now" ]; do
		spent=$now
		sleep 0.2
	done
	end=$(date +%s%N)
	wait $pid || { cat "$work/err"; exit 1; }
	calls=$(awk '{ calls += $1 } END { print calls }' "$work/out")
	got=$(awk '{ if ($2 > ms) ms = $2; calls += $1 } END { print int(1000 * calls / ms) }' "$work/out")
	share=$((spent * 100000000 / (end - begin)))
	lost=$(sed -n 's/^hyptrace record: .*, lost \([0-9,]*\).*/\1/p' "$work/err" | tr -d ,)
}

# same WHAT GOT: it counts what the producers counted, and the shells' own few calls.
same() {
	more=$(($2 - calls))
	[ $more -ge 0 ] && [ $more -le 8 ] && return
	echo "$1 counts $2 records, the producers $calls"
	status=1
}

watch "$rate" "$seconds"
echo "$calls records in $seconds s, $got a second from $cpus CPUs, $(du -sm "$work/trace" | cut -f 1) MB:" \
	"$lost lost, the collector took $share % of a core"
[ "$got" -ge $((rate * 99 / 100)) ] || {
	echo "$got a second, NOT $rate: this machine cannot make so many, or is busy"
	status=1
}
[ "$lost" = 0 ] || { echo "$lost LOST"; status=1; }
if [ "$lost" = 0 ]; then
	same babeltrace2 "$(babeltrace2 "$work/trace" | LC_ALL=C grep -Ec ' (start|exit|continuation): ')"
fi
"$build/hyptrace" report --json "$work/trace" >"$work/json" || exit 1
same report "$(jq '.exits.total + .exits.starts + .exits.continuations' "$work/json")"

echo 'where loss begins, 5 s each:'
for factor in 15 20 30 40 60 80; do
	watch $((rate / 10 * factor)) 5
	echo "$got records a second: $lost lost, the collector took $share % of a core"
	[ "$lost" = 0 ] || break
	[ "$got" -ge $((rate / 100 * factor * 9)) ] || { echo 'it cannot make more'; break; }
done
exit $status
