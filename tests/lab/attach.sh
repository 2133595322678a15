#!/bin/sh
# Attaching and detaching under a running guest, vCPUs that migrate, two vCPUs
# on one CPU: every record keeps the rules, sequence numbers have no gap. Where CPUs
# take turns, each attachment has records; elsewhere one of five has: see --turns in
# hyptrace-lab(1).
. "$(dirname "$0")/lib.sh"
ln -f "$O/arm64/check-records" "$share/"

# check MODE WHAT VMM-OPTIONS SECONDS TOGGLES [LAB-OPTION]
check() {
	echo "-- $1: $2"
	lab --mode "$1" ${6:+"$6"} --time-limit 600 -- sh -c "
		./hyptrace-vmm $3 guest hypercall=100000000 >/dev/null 2>&1 &
		vmm=\$!
		sleep 1
		./check-records \$vmm $4 $5
		status=\$?
		kill -0 \$vmm || { echo 'the guest died'; status=1; }
		kill -9 \$vmm
		exit \$status" >"$share/out" || {
		cat "$share/out"
		fail "$1: $2"
	}
	cat "$share/out"
	eval "$(grep -o '[a-z_0-9]*=[0-9]*' "$share/out")"
	expect_true "$1: $2: records seen" "$records > 100 * $5 / 10"
	expect "$1: $2: attached" "$attached" "$5"
	expect "$1: $2: lost" "$lost" 0
}

for mode in nvhe vhe; do
	check $mode 'attached and detached 200 times' '--cpu 1' 10 200 --turns
	expect "$mode: attachments that saw nothing" "$empty" 0
	check $mode 'a vCPU that migrates every 3 ms' '--migrate 3' 5 5
	expect_true "$mode: records with exit and entry on two CPUs" "$migrated > 10"
	check $mode 'two vCPUs on one CPU' '--vcpus 2 --cpu 1,1' 5 5
done
