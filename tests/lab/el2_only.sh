#!/bin/sh
# Exits that EL2 finishes alone: the report counts every one and names its cause,
# where KVM's own tracepoint kvm_exit shows none.
#
# The cause is chosen by what the kernel can do. Reads of CNTPCT_EL0 trap once the
# counter has an offset (KVM_ARM_SET_COUNTER_OFFSET, Linux 6.4). Anywhere, the
# first FP register that a vCPU uses after it came back to KVM_RUN traps: a read of
# the user-space device in each round makes one of each.
#
# An interrupt that arrives while EL2 works keeps the guest from going on: the exit
# reaches the host as an interrupt, and kvm_exit sees it. Such an attempt is not
# counted; under icount most have none.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-5000} attempts=5

# run.sh NAME CLASS-OF-ESR VMM-OPTION...: records several times, counts kvm_exit, all and of that class.
# shellcheck disable=SC2154
cat >"$share/run.sh" <<INSIDE
attempts=$attempts
INSIDE
cat >>"$share/run.sh" <<'INSIDE'
class=$2 tracing=/sys/kernel/tracing attempt=0
echo 8192 >$tracing/buffer_size_kb
while [ $((attempt += 1)) -le "$attempts" ]; do
	run=$1-$attempt
	echo >$tracing/trace
	echo 1 >$tracing/events/kvm/kvm_exit/enable || exit 1
	(
		shift 2
		exec taskset -c 0 ./hyptrace record -o "trace-$run" -- ./hyptrace-vmm --cpu 1 \
			--truth "truth-$run" "$@"
	) || exit 1
	echo 0 >$tracing/events/kvm/kvm_exit/enable
	grep ': kvm_exit:' $tracing/trace >/tmp/trace
	echo "$(wc -l </tmp/trace) $(grep -c "HSR_EC: $class " /tmp/trace)" >"kvm_exit-$run"
done
INSIDE

# undisturbed NAME: the number of the first attempt without an interrupt; its report is in $json.
undisturbed() {
	attempt=0
	while [ $((attempt += 1)) -le $attempts ]; do
		json=$share/$1.json
		"$O/hyptrace" report --json "$share/trace-$1-$attempt" >"$json" || fail "$1: report"
		[ "$(jq '[.reasons[] | select(.class == "irq")] | length' "$json")" -gt 0 ] || return 0
	done
	fail "$1: each of $attempts attempts was disturbed by an interrupt"
}

# el2_only NAME CLASS CAUSE COUNT: what the report and kvm_exit say about a run.
el2_only() {
	undisturbed "$1"
	exits=$(truth "$share/truth-$1-$attempt" exits)
	expect "$1: EL2-only exits" "$(jq .exits.el2_only "$json")" "$4"
	expect "$1: those of class $2, $3" "$(jq "[.reasons[] | select(.handled == \"el2\" and .class == \"$2\" and
		(.name | contains(\"$3\"))) | .count] | add // 0" "$json")" "$4"
	expect "$1: lost" "$(jq .exits.lost "$json")" 0
	# The tracepoint was on: it saw what KVM's statistic counts, and nothing of that class.
	expect "$1: kvm_exit events, those of that class" "$(cat "$share/kvm_exit-$1-$attempt")" "$exits 0"
	expect "$1: other exits, and runs that did not enter the guest" \
		"$(jq '.exits.total + .exits.never_entered' "$json")" "$exits"
}

for folder in kernel-patches/v*; do
	kernel=${folder#kernel-patches/v}
	for mode in nvhe vhe; do
		run="$kernel-$mode"
		lab --icount --kernel "$kernel" --mode $mode -- sh -c "
			if ./hyptrace-vmm --counter-offset 1 guest noop=1 >/dev/null 2>&1; then
				sh run.sh $run-cntpct 0x0018 --counter-offset 1000000 guest cntpct=$n || exit 1
			fi
			sh run.sh $run-fp 0x0007 --with fp guest mmio=$((n / 10))" >/dev/null 2>"$share/err" ||
			fail "$run: recording: $(cat "$share/err")"
		if [ -e "$share/trace-$run-cntpct-1" ]; then
			el2_only "$run-cntpct" sysreg CNTPCT_EL0 "$n"
		else
			echo "$run: this kernel has no counter offset: FP only"
		fi
		# One more: the guest tries the registers before its first round.
		el2_only "$run-fp" fp-simd FP "$((n / 10 + 1))"
	done
done
