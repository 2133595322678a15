# Sourced behind lib.sh by the tests that record the counted guest on an x86 host.
# shellcheck shell=sh disable=SC2154
. tests/lab/lib-tier.sh
n=${COUNT:-1000}
work="cpuid=$n msr=$((n + 1)) hypercall=$((n + 2)) pio=$((n + 3)) mmio=$((n + 4)) apic=$((n + 5)) hlt=$((n / 10))"

# counted NAME: the report $json of that run has what the guest did.
counted() {
	expect "$1: tier" "$(jq -r .host.tier "$json")" x86
	expect "$1: mode" "$(jq -r .host.mode "$json")" svm
	expect "$1: exits" "$(jq .exits.total "$json")" "$(truth "$truth" exits)"
	expect "$1: CPUID" "$(count '.class == "cpuid"')" "$n"
	expect "$1: RDMSR" "$(count '.name == "MSR 0x1b read"')" $((n + 1))
	expect "$1: hypercalls" "$(count '.class == "vmcall"')" "$(truth "$truth" hypercalls)"
	expect "$1: reads of the port" "$(count '.name == "I/O port 0x500 read 1"')" $((n + 3))
	expect "$1: the write that ends the guest" "$(count '.name == "I/O port 0x501 write 1"')" 1
	expect "$1: reads in user space" \
		"$(count '.name == "MMIO 0x10000000 read 4" and .handled == "user"')" $((n + 4))
	expect "$1: reads in the kernel" \
		"$(count '.name == "MMIO 0xfee00030 read 4" and .handled == "kernel"')" $((n + 5))
	expect "$1: writes to the APIC" "$(count '.class == "mmio" and (.name | test(" 0xfee00.* write"))')" \
		"$(truth "$truth" apic_writes)"
	expect "$1: accesses to the device that the kernel calls LAPIC" \
		"$(jq '[.devices[] | select(.name == "LAPIC") | .reads + .writes] | add // 0' "$json")" \
		"$(count '.class == "mmio" and (.name | test(" 0xfee00"))')"
	expect "$1: HLT" "$(count '.class == "hlt"')" "$(truth "$truth" halt_exits)"
	expect "$1: user-space exits" "$(count '.handled == "user"')" "$(truth "$truth" kvm_run_returns)"
	whole "$1"
}
