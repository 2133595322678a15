#!/bin/sh
# record --vmm with QEMU, which knows nothing of it: a Linux guest with two vCPUs boots,
# and nearly all ways through user space are told apart. KVM's own tracepoint counts
# them. A monitor that is asked all the time has QEMU's lock.
. "$(dirname "$0")/lib.sh"
image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"
for file in hyptrace-preload.so hyptrace-ust.so hyptrace-ust-session; do
	ln -f "$O/arm64/$file" "$share/"
done
cat >"$share/run.sh" <<'INSIDE'
tracing=/sys/kernel/tracing
echo 1 >$tracing/events/kvm/kvm_userspace_exit/enable || exit 9
while sleep 0.2; do echo 'info mtree -f'; done |
	./hyptrace record --vmm --mem-ring 32M -o trace -- qemu-system-aarch64 \
		-machine virt,gic-version=host -accel kvm -cpu host -smp 2 -m 256 -nodefaults -no-reboot \
		-display none -serial file:console -kernel Image -initrd linux-guest.cpio \
		-append 'loglevel=6 panic=-1' -monitor stdio >/tmp/monitor
status=$?
cat $tracing/trace >/tmp/kernel && cp /tmp/kernel kernel
exit $status
INSIDE

json=$share/report.json
# part ACCOUNT MEMBER: of a way through user space
part() {
	jq ".ledger.groups.io_emulation.accounts.$1.$2 // 0" "$json"
}

# boots LAB-OPTION...: the guest's boot on that host, and what its trace says.
boots() {
	echo "-- $*"
	rm -rf "$share/trace" "$share/console" "$share/kernel"
	lab "$@" --time-limit 400 -- sh run.sh || fail "recording, status $?"
	grep -q 'the Linux guest has booted' "$share/console" || fail 'the guest did not boot'
	"$O/hyptrace" report --json "$share/trace" >"$json" || fail 'report'
	"$O/hyptrace" report "$share/trace" | grep -A 8 '^VMM\|^I/O emulation'
	expect 'lost' "$(jq .exits.lost "$json")" 0

	# What the kernel has counted, in the report and in the VMM's own trace.
	returns=$(grep -c ': kvm_userspace_exit: ' "$share/kernel")
	accesses=$(grep -c ': kvm_userspace_exit: reason KVM_EXIT_MMIO ' "$share/kernel")
	expect 'accesses in user space' \
		"$(jq '[.reasons[] | select(.handled == "user" and (.name | startswith("MMIO"))) | .count] | add' "$json")" \
		"$accesses"
	babeltrace2 --clock-cycles "$share/trace/ust" >"$share/text" 2>"$share/warnings" || fail 'babeltrace2'
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
	expect "accesses in the VMM's trace" "$(grep -c ' hyptrace_vmm:stay: .* exit_reason = 6,' "$share/text")" "$accesses"

	# A vCPU's last return has no way back; one that another CPU's work bends is not told apart.
	ways=$(jq .vmm_side.stays "$json") joined=$(jq .vmm_side.stays_joined "$json")
	expect_true 'ways through user space' "$ways >= $accesses && $ways <= $returns && $accesses > 500"
	expect_true 'of them told apart' "$joined >= 95 * $ways / 100"
	for account in user_leaving vmm_work user_returning; do
		expect "ways with $account" "$(part $account count)" "$joined"
	done
	expect_true 'unattributed, per cent' "$(jq '.ledger | 100 * (.groups.unattributed.ns | fabs) / .wall_ns' "$json") < 1"

	# The VMM's own trace: each stay's nanoseconds, those of them in locks, and its waits. The
	# event's time is the stay's end.
	awk '/ hyptrace_vmm:stay: / {
		for (i = 1; i < NF; i++)
			if ($(i + 1) == "=")
				field[$i] = $(i + 2) + 0
		print substr($1, 2) - field["begin_ns"], field["lock_ns"], field["locks"]
	}' "$share/text" | sort -n >"$share/stays"
	locks=$(awk '{ sum += $3 } END { print sum }' "$share/stays")
	lock_ns=$(awk '{ sum += $2 } END { printf "%.0f", sum }' "$share/stays")
	median=$(sed -n "$((accesses / 2))p" "$share/stays" | cut -d' ' -f1)
	# A thread that waits or works is also preempted, which is the host's.
	expect_true "waits for QEMU's lock" "$(part vmm_lock count) > 0 && $(part vmm_lock count) <= $locks"
	expect_true 'their ns' "$(part vmm_lock ns) <= $lock_ns && $(part vmm_lock ns) >= $lock_ns / 5"
	expect_true 'median work, ns' "$(part vmm_work p50) <= 1.1 * $median && $(part vmm_work p50) >= 0.5 * $median"
}

boots --mode nvhe
boots --mode vhe --kernel 6.1
boots --mode vhe --unpatched
