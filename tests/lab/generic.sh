#!/bin/sh
# Generic tier, forced on Debian's own kernel with SVM: what returns from KVM_RUN is
# counted to the exit, by port and address; what stays in the kernel is the guest's.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-tier.sh
n=${COUNT:-1000}
work="cpuid=$n pio=$((n + 1)) mmio=$((n + 2)) apic=$((n + 3)) hlt=100"

# counted NAME: the report $json of that run has what came back to the VMM.
counted() {
	expect "$1: tier" "$(jq -r .host.tier "$json")" generic
	expect "$1: mode" "$(jq -r .host.mode "$json")" svm
	expect "$1: VM" "$(jq -c '[.vms[] | [.name, .vcpus]]' "$json")" '[["hyptrace-vmm",1]]'
	expect "$1: exits" "$(jq .exits.total "$json")" "$(truth "$truth" kvm_run_returns)"
	expect "$1: reads of the port" "$(count '.name == "I/O port 0x500 read 1" and .handled == "user"')" \
		$((n + 1))
	expect "$1: the write that ends the guest" "$(count '.name == "I/O port 0x501 write 1"')" 1
	expect "$1: reads of memory" \
		"$(count '.name == "MMIO 0x10000000 read 4" and .handled == "user"')" $((n + 2))
	expect "$1: reads of the device" "$(jq '[.devices[] | select(.ipa == "0x10000000") | .reads] | add' "$json")" \
		$((n + 2))
	expect "$1: all in user space" "$(count '.handled == "user"')" "$(truth "$truth" kvm_run_returns)"
	whole "$1"
	expect "$1: merged" "$(jq -c .merged "$json")" \
		'["save_restore","handler","kernel","interrupt_delivery","blocked","run_loop","vcpu_put","vcpu_load"]'
	expect "$1: unattributed" "$(jq .ledger.groups.unattributed.ns "$json")" 0
	expect "$1: what is not told" \
		"$(jq -c '[.ledger.groups | .trap_handling, .save_restore, .interrupt_delivery | .accounts[] |
			select(. != null)]' "$json")" '[]'
}

for version in 6.12 6.1; do
	lab --time-limit 300 --kernel $version -- sh -c "
		./hyptrace record --tier generic --mem-ring 32M -o trace-$version -- \
			./hyptrace-vmm --cpu 1 --truth truth guest $work || exit 1
		./hyptrace stat --tier generic --json -- \
			./hyptrace-vmm --cpu 1 --truth truth-stat guest $work >stat.json || exit 2
		./hyptrace check --json >check.json" || fail "$version: status $?"
	json=$share/report.json truth=$share/truth
	"$O/hyptrace" report --json "$share/trace-$version" >"$json" || fail "$version: report"
	counted "$version, recorded"
	"$O/hyptrace" report "$share/trace-$version" | sed -n '1,/^wall/p'
	json=$share/stat.json truth=$share/truth-stat
	counted "$version, stat"
	expect "$version: the tier that is chosen" \
		"$(jq -r '.checks[] | select(.name == "tier") | .text | sub(":.*"; "")' "$share/check.json")" x86
	babeltrace2 "$share/trace-$version" >/dev/null 2>"$share/warnings" || fail "$version: babeltrace2"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
done
