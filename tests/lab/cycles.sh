#!/bin/sh
# Cycles beside a perf that counts cycles as well, on all CPUs and in the vCPU's thread, of
# one side or one level only: each length is as long in cycles as in ticks, as without it.
# Where the recording loses the cycle counter, cycles are missing, never wrong; where it
# gets none, it says why.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-clocks.sh
n=${COUNT:-300}
work="hypercall=$n gicd=$n mmio=$n"

cat >"$share/run.sh" <<'INSIDE'
vmm="./hyptrace-vmm --cpu 1 --truth truth guest $*"
record='taskset -c 0 ./hyptrace record --clock cycles'
$record -o alone -- $vmm >/dev/null || exit 1
for event in cycles:u cycles:G cycles:H; do
	perf stat -x , -o perf-all-$event -a -e $event -- \
		$record -o $event -- perf stat -x , -o perf-$event -e $event $vmm >/dev/null || exit 2
done
# A pinned counter that was there before has the cycle counter. This one counts all, as the
# recording's own would, which finds no fault with it; then it goes.
perf stat -o /dev/null -a -e cycles:D -- sh -c 'touch begun; until [ -e stop ]; do sleep 0.1; done' &
perf=$!
until [ -e begun ]; do sleep 0.1; done
$record -o gone -- sh -c "$vmm; touch stop; while [ -e /proc/$perf/fd/3 ]; do sleep 0.1; done
	$vmm" >/dev/null || exit 3
rm begun stop
# And this one counts one level only.
perf stat -o /dev/null -a -e cycles:uD -- $record -o taken -- true 2>refused-taken && exit 4
[ ! -e taken ] || exit 5
exit 0
INSIDE

# counted FILE: what perf counted.
counted() {
	awk -F , '/cycles/ { sum += $1 } END { print sum + 0 }' "$share/$1"
}

# all_agree NAME TRACE: every exit has cycles, and they agree.
all_agree() {
	compare_clocks "$share/$2"
	expect "$1: exits with cycles" "$exits_cycled" "$exits"
	expect_true "$1: exits" "$exits >= 3 * $n"
	few_differ "$1"
}

# beside NAME
beside() {
	all_agree "$1: alone" alone
	alone=$lengths
	for event in cycles:u cycles:G cycles:H; do
		all_agree "$1: beside $event" "$event"
		expect_true "$1: beside $event: lengths, of $alone alone" \
			"$lengths > 0.99 * $alone && $lengths < 1.01 * $alone"
		expect_true "$1: beside $event: what perf counted, on all CPUs and in the VMM" \
			"$(counted "perf-all-$event") > 0 && $(counted "perf-$event") > 0"
	done
}

# Of two guests the first has cycles; to the second, when another's counter has gone and the
# recording's own is no longer where cycles are read, nothing is told.
gone() {
	compare_clocks "$share/gone"
	expect_true "$1: a counter that goes: exits with cycles, of $exits" \
		"$exits >= 6 * $n && $exits_cycled > 0.45 * $exits && $exits_cycled < 0.55 * $exits"
	few_differ "$1: until the counter had gone"
}

# A mode of each series: the others have the same code.
for host in 6.12-nvhe 6.1-vhe; do
	version=${host%-*} mode=${host#*-}
	lab --kernel "$version" --mode "$mode" --icount -- sh run.sh "$work" 2>"$share/err" ||
		fail "$host: status $?: $(cat "$share/err")"
	beside "$host"
	gone "$host"
	grep -q -- '--clock cycles: the cycle counter is taken' "$share/refused-taken" ||
		fail "$(cat "$share/refused-taken")"
	echo "ok: $host: $(cat "$share/refused-taken")"
	(cd "$share" && rm -rf alone cycles:? gone perf-* refused-* truth*)
	lab --kernel "$version" --cpu max,pmu=off -- sh -c '
		./hyptrace record --clock cycles -o none -- true 2>refused-none && exit 1
		[ ! -e none ]' || fail "$version: without a PMU"
	grep -q -- '--clock cycles: no performance monitor (PMU)' "$share/refused-none" ||
		fail "$(cat "$share/refused-none")"
	echo "ok: $version: $(cat "$share/refused-none")"
done
