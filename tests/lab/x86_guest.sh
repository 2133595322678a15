#!/bin/sh
# The counted guest on Debian's own x86 kernels, with no tool of ours: KVM's
# tracepoint, KVM's statistics and the VMM count what the guest did, to the exit.
arch=x86
. "$(dirname "$0")/lib.sh"
n=${COUNT:-1000}
truth=$share/truth

cat >"$share/inside" <<'EOF'
events=/sys/kernel/tracing/events/kvm/kvm_exit
echo 'hist:keys=exit_reason,info1,info2:size=4096' >$events/trigger || exit
./hyptrace-vmm --cpu 0 --truth truth guest "$@" || exit
./hyptrace-vmm guest pio=x 2>refusal
echo "status $?" >>refusal
cat $events/hist
EOF

# exits SVM-CODE [INFO2]: how often KVM's tracepoint had that exit code, at that address.
exits() {
	awk -v code="$1" -v at="${2:-}" '
		/exit_reason:/ && $3 + 0 == code && (at == "" || $0 ~ "info2: *" at "[^0-9]") { sum += $NF }
		END { print sum + 0 }' "$share/hist"
}

for version in 6.12 6.1; do
	echo "-- $version"
	lab --kernel $version --smp 1 -- sh inside cpuid="$n" msr=$((n + 1)) hypercall=$((n + 2)) pio=$((n + 3)) \
		mmio=$((n + 4)) apic=$((n + 5)) hlt=100 hlt_us=1000 >"$share/hist" || fail "$version: the guest"

	# AMD's Architecture Programmer's Manual, volume 2, "SVM Intercept Exit Codes"
	expect CPUID "$(exits 114)" "$n"
	expect RDMSR "$(exits 124)" $((n + 1))
	expect VMMCALL "$(exits 129)" $((n + 2))
	expect 'port accesses, the last one ends the guest' "$(exits 123)" $((n + 4))
	expect 'reads in user space' "$(exits 1024 $((0x10000000)))" $((n + 4))
	expect 'reads in the kernel' "$(exits 1024 $((0xfee00030)))" $((n + 5))
	early=$(truth "$truth" too_early)
	expect 'ends of interrupts' "$(exits 1024 $((0xfee000b0)))" $((100 + early))
	expect HLT "$(exits 120)" 100

	expect 'operations the guest did' "$(truth "$truth" apic) $(truth "$truth" hlt)" "$((n + 5)) 100"
	expect 'writes to the APIC' "$(truth "$truth" apic_writes)" $((203 + 2 * early))
	expect 'port reads in the VMM' "$(truth "$truth" pio_reads)" $((n + 3))
	expect 'MMIO reads in the VMM' "$(truth "$truth" mmio_reads)" $((n + 4))
	expect 'returns to the VMM' "$(truth "$truth" kvm_run_returns)" $((2 * n + 8))
	expect 'port accesses by KVM' "$(truth "$truth" io_exits)" $((n + 4))
	expect 'HLTs by KVM' "$(truth "$truth" halt_exits)" 100
	expect 'hypercalls by KVM' "$(truth "$truth" hypercalls)" $((n + 2))
	expect 'all exits' "$(truth "$truth" exits)" "$(sed -n 's/^ *Hits: *//p' "$share/hist")"

	expect 'a word that is none' "$(tail -n 1 "$share/refusal")" 'status 2'
	grep -q '^hyptrace-vmm: pio must be a whole number' "$share/refusal" || fail "$(cat "$share/refusal")"
done
