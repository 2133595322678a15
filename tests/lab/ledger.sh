#!/bin/sh
# The ledger of a hypercall loop adds up to a wall clock that the VMM took
# outside; with one stamp taken out of the kernel it does not.
. "$(dirname "$0")/lib.sh"

# ledger MODE LAB-OPTION...: sets unattributed (per cent of the outside wall
# clock) and rest (the run loop's part of the time outside the guest).
ledger() {
	mode=$1
	shift
	rm -rf "$share/trace"
	lab --mode "$mode" "$@" -- ./hyptrace record --mem-ring 16M -o trace -- ./hyptrace-vmm --cpu 1 --truth truth \
		guest hypercall=10000 || fail "$mode: recording"
	"$O/hyptrace" report --json --wall "$(truth "$share/truth" wall_ns)" "$share/trace" \
		>"$share/report.json" || fail "$mode: report"
	unattributed=$(jq '100 * .ledger.groups.unattributed.ns / .ledger.wall_ns' "$share/report.json")
	rest=$(jq '.ledger | .groups.host.accounts.run_loop as $loop | 100 * $loop.p50 * $loop.count / (.wall_ns - .groups.guest.ns)' \
		"$share/report.json")
	echo "$mode $*: unattributed $unattributed % of the wall clock, rest of the run loop $rest %" \
		"of the exits' time"
}

for mode in nvhe vhe; do
	for clock in --icount --smp=2; do
		ledger $mode $clock
		expect_true "$mode: unattributed" "$unattributed < 2 && $unattributed > -0.5"
		expect_true "$mode: rest of the run loop" "$rest < 10"
	done
done

ledger nvhe --icount --extra-patch tests/lab/missing-stamp.patch
expect_true "nvhe without one stamp: the check fails" "$unattributed >= 2"
