#!/bin/sh
# Full records of what was chosen alone, totals of all: counted against what the
# guest did. By reason, by time, by vCPU, by chance, in both modes' probes.
. "$(dirname "$0")/lib.sh"
n=2000

lab --mode nvhe --icount -- sh -c "
	record() {
		out=\$1
		shift
		./hyptrace record --mem-ring 32M -o \$out \"\$@\" \
			./hyptrace-vmm --cpu 1 --truth \$out.truth guest hypercall=$n gicd=$n mmio=$n wfi=20 || exit 2
	}
	record mmio --reason mmio --
	record name --reason 'HVC 0x4b000000' --reason 'MMIO 0x9000018 read 4' --
	record slow --slower-than 7us --
	record sample --sample 10 --
	./hyptrace record -o marks --reason wfi -- sh -c '
		./hyptrace-vmm --cpu 1 guest mark=3 hypercall=5 && ./hyptrace mark \"from the host\"' || exit 4
	./hyptrace record -o vcpu --vcpu 1 -- ./hyptrace-vmm --cpu 1,1 --vcpus 2 guest hypercall=$n || exit 3
" || fail "recording, status $?"

# report TRACE OPTION...: its figures, as \$json.
report() {
	json=$share/$1.json
	trace=$1
	shift
	"$O/hyptrace" report --json "$@" "$share/$trace" >"$json" || fail "$trace: report"
}

# count FILTER: records of the reasons that a jq filter selects.
count() {
	jq "[.reasons[] | select($1) | .count] | add // 0" "$json"
}

# records TRACE FILTER...: full records in the trace, by babeltrace2.
records() {
	babeltrace2 "$share/$1" 2>"$share/warnings" | grep -E ' (exit|start|continuation): ' |
		grep -cE "$2"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns on $1: $(head -n 3 "$share/warnings")"
}

hypercalls='.class == "hvc" and (.detail | startswith("0x4b000000"))'
gicd='.class == "mmio" and (.detail | startswith("0x8000008 read"))'
uart='.class == "mmio" and (.detail | startswith("0x9000018 read"))'
for trace in mmio name slow sample; do
	report $trace
	expect "$trace: hypercalls in the totals" "$(count "$hypercalls")" $n
	expect "$trace: GICD_IIDR reads in the totals" "$(count "$gicd")" $n
	expect "$trace: UARTFR reads in the totals" "$(count "$uart")" $n
	expect "$trace: lost" "$(jq .exits.lost "$json")" 0
	expect "$trace: figures from totals" "$(jq .exits.from_totals "$json")" true
done

report mmio --records
expect "--reason mmio: records of accesses" "$(count '.class == "mmio"')" "$(records mmio .)"
expect "--reason mmio: GICD_IIDR reads" "$(count "$gicd")" $n
report name --records
expect "--reason by name: hypercalls" "$(count "$hypercalls")" $n
expect "--reason by name: UARTFR reads" "$(count "$uart")" $n
expect "--reason by name: all" "$(records name .)" $((2 * n))

# A hypercall takes some 4,000 instructions, an access in user space 10,000; what
# pauses the thread makes some hypercalls slow.
report slow --records
expect_true "--slower-than: hypercalls" "$(count "$hypercalls") < $n / 10"
expect "--slower-than: UARTFR reads" "$(count "$uart")" $n
expect "--slower-than: the shortest record [ns] is no shorter" \
	"$(jq '[.reasons[].ns.p50] | min >= 7000' "$json")" true

expect "--slower-than: by group, of which records" \
	"$("$O/hyptrace" report --by group "$share/slow" | grep -c '^of the records in the trace')" 1

# 5 standard deviations of so many draws at 1 in 10.
report sample --records
found=$(count "$hypercalls")
expect_true "--sample 10: $found hypercalls of $n" \
	"($found - $n / 10) ^ 2 <= 25 * $n * 0.09"

report vcpu
expect "--vcpu 1: hypercalls in the totals" "$(count "$hypercalls")" $((2 * n))
report vcpu --records
expect "--vcpu 1: hypercalls" "$(count "$hypercalls")" $n
expect "--vcpu 1: vCPUs with records" "$(babeltrace2 "$share/vcpu" | grep ' exit: ' |
	grep -o ' vcpu = [0-9]*' | sort -u | wc -l)" 1

report marks
expect "marks of the guest" "$(jq '[.marks[] | select(.by == "guest" and .number == 7)] | length' "$json")" 3
expect "marks of the host" "$(jq -r '.marks[] | select(.by == "host") | .text' "$json")" 'from the host'
expect "marks are exits, and recorded whatever is chosen" "$(records marks 'arg = 0x7C6004D4B,')" 3
expect "marks in the totals" "$(count '.detail == "0xc6004d4b HYPTRACE_MARK"')" 3

# 96 vCPUs at a time, and room for the totals of 64: of the rest, too, no record crosses
# that is not wanted.
lab --mode nvhe --time-limit 300 -- sh -c "
	./hyptrace record -a --slower-than 1h -o many 2>many.err & hyptrace=\$!
	until [ -e many/vcpus ]; do sleep 0.1; done
	for vm in 1 2 3 4 5 6; do
		./hyptrace-vmm --vcpus 16 guest hypercall=1000 >/dev/null & vms=\"\$vms \$!\"
	done
	for vm in \$vms; do wait \$vm || exit 2; done
	kill -INT \$hyptrace; wait \$hyptrace" || fail "many: status $?: $(cat "$share/many.err")"
report many
expect "beyond 64 vCPUs: records" \
	"$(babeltrace2 "$share/many" 2>"$share/warnings" | grep -cE ' (exit|start|continuation): ')" 0
expect_true "beyond 64 vCPUs: with totals" "$(jq '.vcpus | length' "$json") >= 64"
expect_true "beyond 64 vCPUs: lost" "$(jq .exits.lost "$json") > 1000"
expect "beyond 64 vCPUs: lost, by babeltrace2" \
	"$(sed -n 's/.*discarded \([0-9]*\) event.*/\1/p' "$share/warnings" | awk '{ sum += $1 } END { print sum }')" \
	"$(jq .exits.lost "$json")"
