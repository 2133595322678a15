#!/bin/sh
# Stock tier: kernels without the series, Debian's own among them. On the counted
# guest every exit is counted, by reason and by address; what the tier cannot
# tell is named.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-tier.sh
n=${COUNT:-2000}

# counted NAME: the report $json of that run has what the guest did.
counted() {
	expect "$1: tier" "$(jq -r .host.tier "$json")" stock
	expect "$1: exits" "$(jq .exits.total "$json")" "$(truth "$truth" exits)"
	expect "$1: hypercalls" "$(count '.class == "hvc" and (.detail | startswith("0x4b000000"))')" "$n"
	expect "$1: HVCs that KVM counted" "$(count '.class == "hvc"')" "$(truth "$truth" hvc_exit_stat)"
	expect "$1: GICD_IIDR reads" \
		"$(count '.class == "mmio" and .detail == "0x8000008 read 4" and .handled == "kernel"')" "$n"
	expect "$1: UARTFR reads" \
		"$(count '.class == "mmio" and .detail == "0x9000018 read 4" and .handled == "user"')" "$n"
	expect "$1: WFIs" "$(count '.class == "wfi"')" "$(truth "$truth" wfi_exit_stat)"
	expect "$1: user-space exits" "$(count '.handled == "user"')" "$(truth "$truth" kvm_run_returns)"
	expect "$1: accesses in the kernel" \
		"$(count '.class == "mmio" and .handled == "kernel"')" "$(truth "$truth" mmio_exit_kernel)"
	whole "$1"
	expect "$1: merged" "$(jq -c .merged "$json")" \
		'["save_restore","el2","el2_only","context_tracking","sync","vcpu_put","run_loop","work","requests","flush","complete","vcpu_load"]'
	expect "$1: unattributed" "$(jq .ledger.groups.unattributed.ns "$json")" 0
}

# host NAME OPTION...
host() {
	name=$1
	shift
	work="hypercall=$n gicd=$n mmio=$n wfi=300"
	lab --time-limit 300 "$@" -- sh -c "
		./hyptrace record --mem-ring 32M -o $name -- ./hyptrace-vmm --cpu 1 --truth $name.truth \
			guest $work >/dev/null || exit 1
		./hyptrace stat --json -- sh -c './hyptrace-vmm --cpu 1 --truth $name-stat.truth \
			guest $work >/dev/null' >$name-stat.json || exit 1
		./hyptrace record --tier patched -o no -- true 2>refused && exit 2
		./hyptrace record --barriers synchronised -o no -- true 2>>refused && exit 3
		./hyptrace stat --barriers synchronised -- true 2>refused-stat && exit 4
		exit 0" || fail "$name: status $?"
	"$O/hyptrace" report --json "$share/$name" >"$share/$name.json" || fail "$name: report"
	json=$share/$name.json truth=$share/$name.truth
	counted "$name, recorded"
	json=$share/$name-stat.json truth=$share/$name-stat.truth
	counted "$name, stat"
	grep -q 'tracepoint kvm_world_switch' "$share/refused" || fail "$(cat "$share/refused")"
	grep -q -- '--barriers synchronised needs' "$share/refused-stat" || fail "$(cat "$share/refused-stat")"
	grep -q -- '--barriers synchronised needs' "$share/refused" || fail "$(cat "$share/refused")"
	"$O/hyptrace" report "$share/$name" | sed -n '1,/^wall/p'
	babeltrace2 "$share/$name" >/dev/null 2>"$share/warnings" || fail "babeltrace2 cannot read $name"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
}

host unpatched-nvhe --mode nvhe --unpatched
if "$O/hyptrace" lab --help | grep -q -- --stock; then
	host debian-vhe --mode vhe --stock
fi

# A kernel without KALLSYMS_ALL does not say where KVM's variables are.
if "$O/hyptrace" lab --help | grep -q -- --stock; then
	lab --stock --kernel 6.1 -- sh -c '
		./hyptrace record -o no -- touch ran 2>refused && exit 1
		[ ! -e no ] && [ ! -e ran ] || exit 2
		./hyptrace check >checked && exit 3
		exit 0' || fail "6.1: status $?"
	expect "6.1: lines" "$(wc -l <"$share/refused")" 1
	grep -q 'built without KALLSYMS_ALL' "$share/refused" || fail "6.1: $(cat "$share/refused")"
	grep -q '^tier .*missing .*KALLSYMS_ALL' "$share/checked" || fail "6.1: $(cat "$share/checked")"
	echo "ok: 6.1: $(cat "$share/refused")"
fi
