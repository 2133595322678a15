#!/bin/sh
# kill -9 of hyptrace at random moments (ROUNDS of them, 40 if not set): the trace
# reads and has what the last progress line said, the guest runs on, stamping is off
# again.
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-40}

cat >"$share/rounds.sh" <<'INSIDE'
./hyptrace-vmm --cpu 1 guest hypercall=1000000000 >/dev/null 2>&1 &
vmm=$!
i=0
while [ $i -lt "$1" ]; do
	i=$((i + 1))
	# Not to /share: of a process killed while it writes there, 9p may store
	# other bytes than it was given.
	script -qefc "./hyptrace record -o /tmp/trace-$i -p $vmm" "screen-$i" >/dev/null 2>&1 &
	script=$!
	# One in ten while it still loads its probes, the others while it records.
	while [ $((i % 10)) -ne 0 ] && ! [ -s "/tmp/trace-$i/metadata" ]; do sleep 0.1; done
	sleep "$(awk -v seed=$i 'BEGIN { srand(seed); print 1.5 * rand() }')"
	pkill -9 -x hyptrace
	wait $script
	[ ! -e "/tmp/trace-$i" ] || mv "/tmp/trace-$i" .
	kill -0 $vmm || { echo "the guest died in round $i"; exit 1; }
done
kill -9 $vmm
exit 0
INSIDE

lab --time-limit 900 -- sh rounds.sh "$rounds" || fail "the rounds"
traces=0 exits=0
for screen in "$share"/screen-*; do
	trace=$share/trace-${screen##*-}
	# Killed before the trace was begun: nothing recorded, nothing to lose.
	[ -e "$trace/metadata" ] || continue
	traces=$((traces + 1))
	babeltrace2 "$trace" >"$share/text" 2>"$share/warnings" || fail "babeltrace2 cannot read $trace"
	seen=$(grep -c ' begin = ' "$share/text")
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns on $trace: $(head -n 3 "$share/warnings")"
	said=$(tr '\r' '\n' <"$screen" | sed -n 's/^ *\([0-9,]*\) exits .*/\1/p' | tail -n 1 | tr -d ,)
	[ "$seen" -ge "${said:-0}" ] || fail "$trace has $seen records, the last progress line said $said"
	exits=$((exits + seen))
done
echo "ok: $traces of $rounds kills left a trace, all read, $exits records in all"
expect_true "traces with records" "$traces >= $rounds * 9 / 10 && $exits > $traces"

# Nothing is a record, as nothing is that slow: killed after two times that totals are
# stored, the trace has them as they were no longer before.
every=2
cat >"$share/slow.sh" <<'INSIDE'
HYPTRACE_TOTALS_EVERY=$1s ./hyptrace record -o /tmp/trace-slow --slower-than 10s -- \
	./hyptrace-vmm --cpu 1 guest gicd=3000 hypercall=1000000000 >/dev/null 2>slow.err &
hyptrace=$!
until [ -s /tmp/trace-slow/vcpus ]; do sleep 0.1; done
sleep $(($1 * 2 + 1))
kill -9 $hyptrace
cut -d ' ' -f 1 /proc/uptime >killed
pkill -9 -x hyptrace-vmm
mv /tmp/trace-slow .
INSIDE
lab --time-limit 300 -- sh slow.sh $every || fail "the recording that is killed: $(cat "$share/slow.err")"
babeltrace2 "$share/trace-slow" >"$share/text" 2>"$share/warnings" || fail "babeltrace2 cannot read trace-slow"
[ ! -s "$share/warnings" ] || fail "babeltrace2 warns on trace-slow: $(head -n 3 "$share/warnings")"
"$O/hyptrace" report --json "$share/trace-slow" >"$share/slow.json" || fail "report"
expect "killed: cut off, with totals" "$(jq -c '[.exits.cut_off, .exits.from_totals]' "$share/slow.json")" \
	'[true,true]'
expect "killed: GICD_IIDR reads" "$(jq '[.reasons[] | select(.class == "mmio" and
	(.detail | startswith("0x8000008 read"))) | .count] | add' "$share/slow.json")" 3000
expect_true "killed: hypercalls" "$(jq '[.reasons[] | select(.class == "hvc" and
	(.detail | startswith("0x4b000000"))) | .count] | add // 0' "$share/slow.json") > 0"
at=$(sed -n 's/.* rest_until: .*{ at = \([0-9]*\) }$/\1/p' "$share/text" | tail -n 1)
expect_true "killed: age of the totals [s]" "$(cat "$share/killed") - $at / 1000000000 < $every + 1"
expect "killed: times stored" "$(grep -c ' rest_until: ' "$share/text")" 2

# Stamping costs more than 100 instructions a hypercall: none is left behind. The
# guest sleeps most of the time: beside a busy one, under icount, each of attaching's
# waits for the other CPU takes a turn of 100 ms.
# The least of three runs: a tick among the 1,000 makes some instructions of difference.
per() {
	sed -n 's/^op=hypercall .*\<per=\([0-9]*\).*/\1/p' "$1" | sort -n | head -n 1
}
lab --icount -- sh -c '
	thrice() {
		for i in 1 2 3; do ./hyptrace-vmm --cpu 1 guest hypercall=1000; done 2>/dev/null
	}
	thrice >before
	./hyptrace-vmm --cpu 1 guest wfi=100000000 >/dev/null 2>&1 & vmm=$!
	./hyptrace record -o trace-icount -p $vmm 2>/dev/null & hyptrace=$!
	while ! [ -s trace-icount/exits_1 ]; do sleep 0.5; done
	sleep 1
	kill -9 $hyptrace
	kill -0 $vmm || exit 1
	kill -9 $vmm
	wait
	thrice >after' || fail "the guest died"
[ -s "$share/trace-icount/exits_1" ] || fail "nothing was recorded before the kill"
expect "instructions a hypercall after the kill" "$(per "$share/after")" "$(per "$share/before")"
