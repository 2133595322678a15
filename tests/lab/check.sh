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
lab --mode protected -- ./hyptrace check --json >"$share/protected.json" && fail 'protected mode: status 0'
expect 'protected mode: KVM' "$(state protected.json kvm)" missing
