#!/bin/sh
# The ledger of a hypercall loop adds up to a wall clock that the VMM took
# outside; with one stamp taken out of the kernel it does not.
. "$(dirname "$0")/lib.sh"

# ledger MODE CPU LAB-OPTION...: the vCPU is on CPU. Sets unattributed (per cent
# of the outside wall clock), awake (the same of that wall clock less what the
# vCPU's thread was preempted for) and rest (per cent that the run loop is of what
# is neither that nor the guest's).
ledger() {
	mode=$1 cpu=$2
	shift 2
	rm -rf "$share/trace"
	lab --mode "$mode" "$@" -- ./hyptrace record --mem-ring 16M -o trace -- ./hyptrace-vmm --cpu "$cpu" --truth truth \
		guest hypercall=10000 || fail "$mode: recording"
	"$O/hyptrace" report --json --wall "$(truth "$share/truth" wall_ns)" "$share/trace" \
		>"$share/report.json" || fail "$mode: report"
	unattributed=$(jq '100 * .ledger.groups.unattributed.ns / .ledger.wall_ns' "$share/report.json")
	awake=$(jq '.ledger | 100 * .groups.unattributed.ns / (.wall_ns - .groups.host.accounts.preempted.ns)' \
		"$share/report.json")
	rest=$(jq '.ledger | .groups.host.accounts as $host | $host.run_loop as $loop |
		100 * $loop.p50 * $loop.count / (.wall_ns - .groups.guest.ns - $host.preempted.ns)' "$share/report.json")
	echo "$mode $*: unattributed $unattributed % of the wall clock, $awake % without preemption, the run loop $rest %" \
		"of the exits' time"
}

# Under icount on one CPU: the turn of another one would be booked anywhere.
for mode in nvhe vhe; do
	for setting in '0 --icount --smp 1' '1 --smp 2'; do
		# shellcheck disable=SC2086 # words
		ledger $mode $setting
		expect_true "$mode: unattributed" "$unattributed < 2 && $unattributed > -0.5"
		case $setting in
		*icount*) expect_true "$mode: unattributed, without preemption" "$awake < 2 && $awake > -0.5" ;;
		esac
		expect_true "$mode: rest of the run loop" "$rest < 10"
	done
done

ledger nvhe 0 --icount --smp 1 --extra-patch tests/lab/missing-stamp.patch
expect_true "nvhe without one stamp: it is missed" "$awake >= 2"
