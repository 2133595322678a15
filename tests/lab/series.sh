#!/bin/sh
# Each series of kernel-patches/ in split mode, with VHE and, from 6.12 on, with hVHE: the
# counted guest's exits are exact, attaching and detaching leaves no record that breaks a
# rule, and with both clocks every stage is as long in cycles as in ticks (one instruction
# is one of each under icount). In protected mode attaching is refused.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-clocks.sh
ln -f "$O/arm64/check-records" "$share/"
n=${COUNT:-1000}

counted() {
	lab --kernel "$1" --mode "$2" --icount -- taskset -c 0 ./hyptrace record \
		--clock cycles -o "trace-$1-$2" -- ./hyptrace-vmm --cpu 1 --truth truth \
		guest hypercall=$n gicd=$n mmio=$n >/dev/null 2>"$share/err" ||
		fail "$1-$2: recording: $(cat "$share/err")"
	"$O/hyptrace" report --json "$share/trace-$1-$2" >"$share/report.json" || fail "$1-$2: report"
	expect "$1-$2: hypercalls" "$(reason hvc 0x4b000000)" $n
	expect "$1-$2: user-space exits" "$(jq '[.reasons[] | select(.handled == "user") | .count] | add' \
		"$share/report.json")" "$(truth "$share/truth" kvm_run_returns)"
	expect "$1-$2: lost" "$(jq .exits.lost "$share/report.json")" 0
	expect "$1-$2: mode" "$(jq -r .host.mode "$share/report.json")" "$2"
}

reason() {
	jq --arg class "$1" --arg detail "$2" '[.reasons[] |
		select(.class == $class and (.detail | startswith($detail))) | .count] | add // 0' \
		"$share/report.json"
}

clocks_agree() {
	compare_clocks "$share/trace-$1-$2"
	expect_true "$1-$2: lengths in both clocks" "$lengths > 20 * $n"
	few_differ "$1-$2"
}

attached() {
	lab --kernel "$1" --mode "$2" --time-limit 300 -- sh -c '
		./hyptrace-vmm --cpu 1 guest hypercall=100000000 >/dev/null 2>&1 &
		vmm=$!
		sleep 1
		./check-records $vmm 4 40
		status=$?
		kill -9 $vmm
		exit $status' >"$share/out" || {
		cat "$share/out"
		fail "$1-$2: a record breaks a rule"
	}
	echo "ok: $1-$2: attached 40 times: $(grep -o 'records=[0-9]*' "$share/out"), none breaks a rule"
}

for series in kernel-patches/v*/; do
	version=$(basename "$series" | tr -d v)
	modes='nvhe vhe hvhe'
	[ "$version" != 6.1 ] || modes='nvhe vhe' # which has no hVHE
	for mode in $modes; do
		counted "$version" $mode
		clocks_agree "$version" $mode
		attached "$version" $mode
	done
	lab --kernel "$version" --mode protected -- sh -c '
		./check-records 0 0 10
		./hyptrace-vmm guest hypercall=100 >/dev/null 2>&1 && echo survived' >"$share/out"
	grep -q 'attached=0 refused=10' "$share/out" || fail "$version: protected mode did not refuse"
	grep -q survived "$share/out" || fail "$version: protected mode: the guest did not run"
	echo "ok: $version: protected mode refuses and runs guests"
done
