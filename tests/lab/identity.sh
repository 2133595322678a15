#!/bin/sh
# Two VMs with two vCPUs each under -a, one ending early: all four vCPUs are there by
# name, in a trace of all exits, in one of their totals and in stat, and what each has
# is what its guest counted.
. "$(dirname "$0")/lib.sh"
early=${COUNT:-500}
late=$((8 * early))

cat >"$share/both.sh" <<END
mkdir \$1
./hyptrace record -a --mem-ring 16M -o \$1/trace 2>\$1/record.err & record=\$!
./hyptrace record -a --slower-than 1h -o \$1/rest 2>\$1/rest.err & rest=\$!
./hyptrace stat -a -I 500 --json >\$1/stat.lines 2>\$1/stat.err & stat=\$!
until [ -e \$1/trace/vcpus ] && [ -e \$1/rest/vcpus ] && [ -s \$1/stat.lines ]; do sleep 0.1; done
sleep 1
./hyptrace-vmm --name late --vcpus 2 --cpu 1,2 --truth \$1/late.truth guest hypercall=$late mmio=$late \
	>\$1/late.out & late=\$!
./hyptrace-vmm --name early --vcpus 2 --cpu 0,1 --truth \$1/early.truth guest hypercall=$early gicd=$early \
	>\$1/early.out & early=\$!
echo "early \$early late \$late" >\$1/pids
wait \$early || exit 2
kill -0 \$late || exit 3
echo 'the other one runs on' >\$1/order
wait \$late || exit 4
kill -INT \$record \$rest \$stat
wait \$record || exit 5
wait \$rest || exit 6
wait \$stat || exit 7
END

# vcpus FILE: of each vCPU its VM, process, index, thread.
vcpus() {
	jq -r '.vcpus | sort_by(.vm, .index)[] | "\(.vm) \(.pid) \(.index)"' "$1"
}

# of FILE NAME INDEX FIELD
of() {
	jq ".vcpus[] | select(.vm == \"$2\" and .index == $3) | .$4" "$1"
}

# op NAME INDEX OPERATION: how often the guest says that it did that on that vCPU
op() {
	sed -n "s/^op=$3 count=\([0-9]*\) .*vcpu=$2\>.*/\1/p" "$dir/$1.out"
}

# vcpu_truth NAME INDEX KEY: a value of the VMM's line for one vCPU
vcpu_truth() {
	sed -n "s/^vcpu=$2 .*\<$3=\([0-9]*\).*/\1/p" "$dir/$1.truth"
}

# slot NAME INDEX TRACE: the number that the vCPU has in the trace
slot() {
	sed -n "s/.* vcpu: .*{ slot = \([0-9]*\), .* index = $2, vm = \"$1\", .*/\1/p" "$dir/$3.text"
}

# records NAME INDEX FIELDS: records of the vCPU in the trace that have these fields
records() {
	grep -E " exit: .* vcpu = $(slot "$1" "$2" trace) }" "$dir/trace.text" | grep -cE "$3"
}

# totals NAME INDEX FIELDS: the same by totals, of which no record was made; the last of
# those that were stored while it recorded
totals() {
	grep -E " rest_(vcpu|reason): .* slot = $(slot "$1" "$2" rest)[ ,]" "$dir/rest.text" |
		grep -E " rest_vcpu: |$3" |
		sed -n -e 's/.* rest_vcpu: .*/anew/p' -e 's/.* rest_reason: .*{ count = \([0-9]*\),.*/\1/p' |
		awk '/anew/ { sum = 0 } /[0-9]/ { sum += $1 } END { print sum + 0 }'
}

# Beside what it was, flags say that it was the last record (8), or that the run it
# prepared did not enter the guest (16); totals leave both out.
# both WHAT NAME INDEX WANTED RECORD-FIELDS NUMBER FLAGS
both() {
	expect "$mode: $1 of $2/$3, records" "$(records "$2" "$3" "$5")" "$4"
	expect "$mode: $1 of $2/$3, totals" "$(totals "$2" "$3" " number = $6,.* flags = $7,")" "$4"
}

for mode in nvhe vhe; do
	dir=$share/$mode
	lab --mode $mode --smp 3 --time-limit 300 -- sh both.sh $mode || fail "$mode: status $?: $(cat "$dir"/*.err)"
	expect "$mode: when one VM has ended" "$(cat "$dir/order")" 'the other one runs on'
	for trace in trace rest; do
		"$O/hyptrace" report --json "$dir/$trace" >"$dir/$trace.json" || fail "$mode: report"
		babeltrace2 "$dir/$trace" >"$dir/$trace.text" 2>"$dir/warnings" || fail "babeltrace2 cannot read it"
		[ ! -s "$dir/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$dir/warnings")"
	done
	# The intervals added up; one may end before a VM has all its vCPUs.
	jq -s '{ vms: [.[].vms[]] | group_by(.pid) | map(max_by(.vcpus)), reasons: [.[].reasons[]],
		exits: { lost: map(.exits.lost) | add },
		vcpus: [.[].vcpus[]] | group_by(.vm, .index) | map(.[0] + { exits: map(.exits) | add }) }' \
		"$dir/stat.lines" >"$dir/stat.json" || fail "$mode: stat"
	read -r _ early_pid _ late_pid <"$dir/pids"
	for by in trace rest stat; do
		expect "$mode: $by: vCPUs" "$(vcpus "$dir/$by.json" | tr '\n' ';')" \
			"early $early_pid 0;early $early_pid 1;late $late_pid 0;late $late_pid 1;"
		expect "$mode: $by: VMs" "$(jq -c '[.vms[] | [.name, .vcpus]] | sort' "$dir/$by.json")" \
			'[["early",2],["late",2]]'
		expect "$mode: $by: lost" "$(jq .exits.lost "$dir/$by.json")" 0
	done
	for name in early late; do
		for index in 0 1; do
			for field in tid exits; do
				for by in rest stat; do
					expect "$mode: $field of $name/$index, $by" \
						"$(of "$dir/$by.json" $name $index $field)" \
						"$(of "$dir/trace.json" $name $index $field)"
				done
			done
			both hypercalls $name $index "$(op $name $index hypercall)" 'arg = 0x4B000000,' $((0x4b000000)) 0
			both 'accesses in user space' $name $index "$(vcpu_truth $name $index mmio_exit_user)" \
				' flags = 0x(5|D|15),' '[0-9]*' 5
		done
	done
	for index in 0 1; do
		both 'reads of the GIC' early $index "$(op early $index gicd)" 'ipa = 0x8000008,' $((0x8000008)) 2
		both 'reads of the UART' late $index "$(op late $index mmio)" 'ipa = 0x9000018,' $((0x9000018)) 5
	done
	expect "$mode: hypercalls of all, stat" \
		"$(jq '[.reasons[] | select(.detail | startswith("0x4b000000")?) | .count] | add' "$dir/stat.json")" \
		$((2 * early + 2 * late))
done
