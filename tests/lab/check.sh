#!/bin/sh
# What check says on an emulated host: as root all of it, as nobody less, and in
# protected mode that nothing can be traced.
. "$(dirname "$0")/lib.sh"

# state FILE NAME, text FILE NAME
state() {
	jq -r ".checks[] | select(.name == \"$2\") | .state" "$share/$1"
}
text() {
	jq -r ".checks[] | select(.name == \"$2\") | .text" "$share/$1"
}

for mode in nvhe vhe; do
	lab --mode $mode -- sh -c "
		./hyptrace check --json >root.json || exit 1
		setpriv --reuid 65534 --clear-groups ./hyptrace check --json >nobody.json && exit 2
		setpriv --reuid 65534 --clear-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon \
			./hyptrace check --json >enough.json || exit 3
		./hyptrace check" || fail "$mode: status $?"
	expect "$mode: can record" "$(jq .can_record "$share/root.json")" true
	expect "$mode: KVM" "$(text root.json kvm)" "mode $mode"
	expect "$mode: tier" "$(state root.json tier)" good
	text root.json clock | grep -q '^CNTPCT_EL0 at [0-9,]* Hz' || fail "$mode: $(text root.json clock)"
	expect "$mode: nobody: privileges" "$(state nobody.json privileges)" missing
	expect "$mode: BPF and PERFMON: privileges" "$(state enough.json privileges)" good
	expect "$mode: BPF and PERFMON: scheduling" "$(state enough.json scheduling)" reduced
done
# A VMM that names none of its threads, whose vCPUs sleep; then one whose vCPUs spin.
lab --smp 3 -- sh -c "
	./hyptrace-vmm --vcpus 2 --cpu 1,2 guest wfi_us=60000000 wfi=1 >/dev/null 2>&1 & vmm=\$!
	sleep 3
	./hyptrace check --json >asleep.json
	for task in /proc/\$vmm/task/*; do last=\${task##*/}; done
	taskset -p 7 \$last >/dev/null
	./hyptrace check --json >loose.json
	setpriv --reuid 65534 --clear-groups ./hyptrace check --json >unnamed.json
	kill -9 \$vmm
	./hyptrace-vmm --vcpus 2 --cpu 1,2 guest noop=4000000000 noop=4000000000 noop=4000000000 >/dev/null 2>&1 & vmm=\$!
	sleep 3
	./hyptrace check --json >spins.json
	kill -9 \$vmm" || fail "vCPUs: status $?"
expect 'vCPUs that sleep' "$(text asleep.json pinning)" '2 of 2 running vCPUs are pinned to a CPU each'
expect 'one of them let loose' "$(state loose.json pinning) $(text loose.json pinning)" \
	'reduced 1 of 2 running vCPUs are pinned to a CPU each'
expect 'by name alone' "$(text unnamed.json pinning)" 'no vCPU runs'
expect 'vCPUs that spin' "$(text spins.json pinning)" '2 of 2 running vCPUs are pinned to a CPU each'

lab --mode protected -- ./hyptrace check --json >"$share/protected.json" && fail 'protected mode: status 0'
expect 'protected mode: KVM' "$(state protected.json kvm)" missing
