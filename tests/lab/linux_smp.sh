#!/bin/sh
# A Linux guest with two vCPUs boots while it is recorded: the accounts add up to a
# wall clock that kprobes took outside, from each vCPU thread's first KVM_RUN to the
# end of its last, but for 5 %.
. "$(dirname "$0")/lib.sh"

image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"
cat >"$share/boot.sh" <<'INSIDE'
tracing=/sys/kernel/tracing
echo mono >$tracing/trace_clock
echo 65536 >$tracing/buffer_size_kb
echo 'p:run kvm_arch_vcpu_ioctl_run' >$tracing/kprobe_events || exit 77
echo 'r:ran kvm_arch_vcpu_ioctl_run' >>$tracing/kprobe_events || exit 77
echo 1 >$tracing/events/kprobes/enable || exit 77
./hyptrace record --mem-ring 32M -o "trace-$1" -- qemu-system-aarch64 \
	-machine virt,gic-version=host -accel kvm -cpu host -smp 2 -m 256 -nodefaults -no-reboot \
	-display none -serial "file:console-$1" -kernel Image -initrd linux-guest.cpio \
	-append 'quiet panic=-1'
status=$?
echo 0 >$tracing/events/kprobes/enable
cat $tracing/trace >"/tmp/trace" && mv /tmp/trace "kprobes-$1"
exit $status
INSIDE

for mode in nvhe vhe; do
	lab --mode $mode --time-limit 400 -- sh boot.sh $mode
	status=$?
	[ $status -ne 77 ] || skip "the lab's kernel has no kprobe events"
	[ $status -eq 0 ] || fail "$mode: recording"
	grep -q 'the Linux guest has booted' "$share/console-$mode" || fail "$mode: the guest did not boot"
	# Nanoseconds of all threads, from the first entry to the last return of each.
	grep -v '^#' "$share/kprobes-$mode" | awk '
		match($0, /-[0-9]+ +\[[0-9]+\]/) {
			split(substr($0, RSTART + 1), word, " ")
			thread = word[1]
			match($0, / [0-9]+\.[0-9]+: r[au]n/)
			time = substr($0, RSTART + 1) + 0
			if (!(thread in first))
				first[thread] = time
			last[thread] = time
		}
		END {
			for (thread in first) {
				threads++
				sum += last[thread] - first[thread]
			}
			printf "%d %.0f\n", threads, sum * 1000000000
		}' >"$share/wall"
	read -r threads wall <"$share/wall"
	expect "$mode: vCPU threads" "$threads" 2
	"$O/hyptrace" report --json --wall "$wall" "$share/trace-$mode" >"$share/$mode.json" || fail "$mode: report"
	expect "$mode: lost" "$(jq .exits.lost "$share/$mode.json")" 0
	unattributed=$(jq '100 * .ledger.groups.unattributed.ns / .ledger.wall_ns' "$share/$mode.json")
	expect_true "$mode: unattributed, per cent of the outside wall clock" \
		"$unattributed < 5 && $unattributed > -0.5"
done
