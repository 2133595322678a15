#!/bin/sh
# As user 65534 with CAP_BPF and CAP_PERFMON and nothing else, and no tracefs, on
# each kernel: record and stat are exact. Without either one, it is named.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-capabilities.sh
n=${COUNT:-500}

cat >"$share/inside.sh" <<'INSIDE'
. ./capabilities
enough +bpf,+perfmon ./hyptrace-vmm --cpu 1 --truth truth guest hypercall="$2"
lacks +bpf
lacks +perfmon
cp -r trace "/share/trace-$1"
INSIDE

hypercalls() {
	jq '[.reasons[] | select(.class == "hvc" and (.detail | startswith("0x4b000000"))) | .count] | add // 0'
}

for kernel in ${KERNELS:-6.12 6.1}; do
	lab --kernel $kernel -- sh inside.sh $kernel "$n" 2>"$share/err" ||
		fail "$kernel: status $?: $(cat "$share/err")"
	expect "$kernel: hypercalls recorded" \
		"$("$O/hyptrace" report --json "$share/trace-$kernel" | hypercalls)" "$n"
	expect "$kernel: hypercalls that stat counts" "$(hypercalls <"$share/stat.json")" "$n"
	recorded $kernel
	refused $kernel +bpf CAP_PERFMON
	refused $kernel +perfmon CAP_BPF
done
