#!/bin/sh
# Protected mode: the patched kernel boots and runs a guest; attaching is
# refused with one line that names the mode, 100 times, and the host survives.
. "$(dirname "$0")/lib.sh"
ln -f "$O/arm64/check-records" "$share/"

lab --mode protected --time-limit 300 -- sh -c '
	dmesg | grep -i "protected .*mode initialized"
	./hyptrace-vmm guest hypercall=100 gicd=10 mmio=10 2>/dev/null || exit 3
	./check-records 0 0 100
	./hyptrace record -o trace -- ./hyptrace-vmm guest hypercall=100
	echo "status=$?"
	[ ! -e trace ] || echo "left a trace behind"
	./hyptrace-vmm guest hypercall=100 2>/dev/null || exit 4
	echo survived' >"$share/out" 2>"$share/err" || fail "the host did not survive: $(cat "$share/out" "$share/err")"
cat "$share/out" "$share/err"

grep -qi 'Protected .*mode initialized' "$share/out" || fail "the kernel is not in protected mode"
grep -q 'attached=0 refused=100' "$share/out" || fail "attaching was not refused 100 times"
grep -q 'status=1' "$share/out" || fail "record did not exit with status 1"
grep -q 'left a trace' "$share/out" && fail "a trace was left behind"
grep -q survived "$share/out" || fail "the host did not survive"
expect "lines that name the mode" "$(grep -c '^hyptrace: .*protected' "$share/err")" 1
