#!/bin/sh
# Full records of what was chosen alone, totals of all, on x86 hosts: counted against what
# the guest did. By reason as the tier in use names it, by time, by vCPU, by chance; of
# vCPUs that found no place in the totals, too.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-tier.sh
n=${COUNT:-1000}
work="cpuid=$n msr=$((n + 1)) pio=$((n + 3)) mmio=$((n + 4)) apic=$((n + 5)) hlt=20"

# All 64 places are taken by guests that sleep.
cat >"$share/inside" <<'EOF'
kvm=/sys/kernel/debug/kvm
[ -e $kvm ] || mount -t debugfs none /sys/kernel/debug || exit
./hyptrace record -a --reason CPUID --mem-ring 8M -o many &
hyptrace=$!
until [ -e many/vcpus ]; do
	kill -0 $hyptrace || exit
	sleep 0.1
done
for _ in $(seq 64); do
	./hyptrace-vmm --cpu 0 guest cpuid=2 hlt=1000 hlt_us=4000000 >/dev/null 2>&1 &
	sleepers="$sleepers $!"
done
until [ "$(cat $kvm/*-*/halt_exits 2>/dev/null | grep -cv '^0$')" -ge 64 ]; do sleep 0.2; done
./hyptrace-vmm --cpu 1 --truth many.truth guest "$@" || exit
kill -INT $hyptrace
wait $hyptrace || exit
kill $sleepers
EOF

lab --time-limit 600 -- sh -c "
	record() {
		out=\$1
		shift
		./hyptrace record --mem-ring 8M -o \$out \"\$@\" \
			./hyptrace-vmm --cpu 1 --truth \$out.truth guest $work || exit 2
	}
	record class --reason cpuid --
	record name --reason 'I/O port 0x500 read 1' --reason 'MMIO 0xfee00030 read 4' \
		--reason 'MSR 0x1b read' --
	record mmio --reason mmio --
	record slow --slower-than 100us --
	record slowest --slower-than 1h --
	record all --slower-than 1ns --
	record vcpu --vcpu 0 --
	record other_vcpu --vcpu 1 --
	record sample --sample 10 --
	record generic --tier generic --reason 'MMIO 0x10000000 read 4' --reason pio --
	refused() {
		./hyptrace record -o refused \"\$@\" -- touch ran 2>>refusals
		echo \"status \$?\" >>refusals
	}
	refused --reason hvc
	refused --tier generic --reason cpuid
	refused --reason mimo
	sh inside $work || exit 3
" || fail "recording, status $?"

# report TRACE OPTION...: its figures, as \$json.
report() {
	json=$share/$1.json
	path=$share/$1
	shift
	"$O/hyptrace" report --json "$@" "$path" >"$json" || fail "$path: report"
}

# records TRACE: full records in the trace, by babeltrace2.
records() {
	babeltrace2 "$share/$1" 2>"$share/warnings" | grep -cE ' (exit|start): '
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns on $1: $(head -n 3 "$share/warnings")"
}

# exits: those of the report, with the run loop's first.
exits() {
	jq '.exits.total + .exits.starts' "$json"
}

cpuid='.class == "cpuid"'
port='.name == "I/O port 0x500 read 1"'
apic='.name == "MMIO 0xfee00030 read 4"'
device='.name == "MMIO 0x10000000 read 4"'
msr='.name == "MSR 0x1b read"'
for trace in class name mmio slow slowest all vcpu other_vcpu sample; do
	report $trace
	expect "$trace: tier" "$(jq -r .host.tier "$json")" x86
	expect "$trace: exits in the totals" "$(jq .exits.total "$json")" \
		"$(truth "$share/$trace.truth" exits)"
	expect "$trace: CPUID in the totals" "$(count "$cpuid")" "$n"
	expect "$trace: reads of the port in the totals" "$(count "$port")" $((n + 3))
	expect "$trace: lost" "$(jq .exits.lost "$json")" 0
done

expect '--reason cpuid: records' "$(records class)" "$n"
report class --records
expect '--reason cpuid: CPUID' "$(count "$cpuid")" "$n"

expect '--reason by name: records' "$(records name)" $((3 * n + 9))
report name --records
expect '--reason by name: reads of the port' "$(count "$port")" $((n + 3))
expect '--reason by name: reads in the kernel' "$(count "$apic")" $((n + 5))
expect '--reason by name: RDMSR' "$(count "$msr")" $((n + 1))

report mmio
accesses=$(count '.class == "mmio"')
expect_true '--reason mmio: accesses' "$accesses > 2 * $n + 9"
expect '--reason mmio: records' "$(records mmio)" "$accesses"

report slow --records
expect '--slower-than 100us: records that are shorter' \
	"$(jq '[.reasons[] | select(.ns.p50 < 100000)] | length' "$json")" 0
expect '--slower-than 1h: records' "$(records slowest)" 0
report all
expect '--slower-than 1ns: records' "$(records all)" "$(exits)"

report vcpu
expect '--vcpu 0: records' "$(records vcpu)" "$(exits)"
expect '--vcpu 1: records' "$(records other_vcpu)" 0

# 5 standard deviations of so many draws at 1 in 10.
report sample
all=$(exits) found=$(records sample)
expect_true "--sample 10: $found of $all" "($found - $all / 10) ^ 2 <= 25 * $all * 0.09"

report generic
expect 'generic: tier' "$(jq -r .host.tier "$json")" generic
expect 'generic: exits in the totals' "$(jq .exits.total "$json")" \
	"$(truth "$share/generic.truth" kvm_run_returns)"
report generic --records
expect 'generic: reads of the device' "$(count "$device")" $((n + 4))
expect 'generic: reads of the port' "$(count "$port")" $((n + 3))
expect 'generic: records, with the write that ends the guest' "$(records generic)" $((2 * n + 8))

expect 'names of other tiers' "$(sed 's/; give one.*//' "$share/refusals")" \
	"hyptrace: --reason: 'hvc' is a reason of tier patched or stock, and this is tier x86 with SVM
status 2
hyptrace: --reason: 'cpuid' is a reason of tier x86 with SVM, x86 with VMX, and this is tier generic
status 2
hyptrace: --reason: there is no reason 'mimo'
status 2"
[ ! -e "$share/ran" ] || fail 'a command ran whose recording was refused'

expect 'the 65th vCPU: records of its CPUID, and of those before' \
	"$(babeltrace2 "$share/many" 2>"$share/warnings" | grep -cE ' (exit|start): ')" $((n + 2 * 64))
report many
expect 'the 65th vCPU: CPUID' "$(count "$cpuid")" $((n + 2 * 64))
expect 'the 65th vCPU: what is not chosen is in no total' "$(count "$port")" 0
expect_true 'the 65th vCPU: and counts as lost' "$(jq .exits.lost "$json") >= $n"
expect 'the 65th vCPU: lost, by babeltrace2' \
	"$(sed -n 's/.*discarded \([0-9]*\) event.*/\1/p' "$share/warnings" | awk '{ sum += $1 } END { print sum }')" \
	"$(jq .exits.lost "$json")"
