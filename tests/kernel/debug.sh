#!/bin/sh
# A kernel that checks itself (locks, RCU, preemption, sleeping, addresses): it
# has no complaint while a guest is recorded, in each kind of barriers and with
# cycles, nor while tracing is attached and detached 50 times.
. "$(dirname "$0")/lib.sh"
ln -f "$O/arm64/check-records" "$share/"
options="--config $configs/debug.config --memory 3072"

# inside MODE WHAT COMMAND: on the kernel; its output is shown where it fails.
inside() {
	# shellcheck disable=SC2086 # words
	lab --kernel "$kernel" --time-limit 1800 --mode "$1" $options -- sh -c "$3
		status=\$?
		dmesg >dmesg
		exit \$status" >"$share/out" 2>&1 || {
		cat "$share/out"
		fail "$1: $2"
	}
	no_splat "$1: $2"
}

record='./hyptrace record -o /tmp/trace'
guest='./hyptrace-vmm --cpu 1 guest hypercall=200 mmio=200 wfi=50'
for mode in nvhe vhe; do
	# shellcheck disable=SC2086 # words
	run_counted "trace-$mode" --mode $mode $options
	record_knows --barriers && inside "$mode" synchronised "$record --barriers synchronised -- $guest"
	record_knows --clock && inside "$mode" cycles "$record --clock cycles -- $guest"
	# A vCPU that exits all the time, and two that sleep: two busy ones would make records
	# faster than such a kernel lets them be checked.
	for words in '--cpu 1 guest hypercall=100000000' '--vcpus 2 guest wfi=100000000'; do
		inside "$mode" "attaching and detaching, $words" "./hyptrace-vmm $words >/dev/null 2>&1 & vmm=\$!
			sleep 1; ./check-records \$vmm 10 50; status=\$?; kill -9 \$vmm; (exit \$status)"
		grep -q 'attached=50 ' "$share/out" || fail "$mode: $(cat "$share/out")"
	done
done
exit 0
