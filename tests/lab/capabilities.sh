#!/bin/sh
# As user 65534 with CAP_BPF and CAP_PERFMON and nothing else, and no tracefs, on
# each kernel: record and stat are exact. Without either one, it is named.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-500}

cat >"$share/inside.sh" <<'INSIDE'
umount -l /sys/kernel/tracing /sys/kernel/debug 2>/dev/null
chmod 666 /dev/kvm
mkdir -m 777 /tmp/work
cp hyptrace hyptrace-vmm guest /tmp/work
cd /tmp/work || exit 1

with() {
	all=-all${1:+,$1}
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set "$all" \
		--inh-caps "$all" --ambient-caps "$all" "$@"
}

vmm="./hyptrace-vmm --cpu 1 guest hypercall=$2"
with +bpf,+perfmon ./hyptrace record -o trace -- sh -c "cat /proc/self/status >status; $vmm" >/dev/null || exit 2
with +bpf,+perfmon ./hyptrace stat --json -- sh -c "$vmm >vmm.out" >stat.json || exit 3
with +bpf ./hyptrace record -o lacks -- touch ran 2>lacks-perfmon
echo $? >>lacks-perfmon
with +perfmon ./hyptrace record -o lacks -- touch ran 2>lacks-bpf
echo $? >>lacks-bpf
[ ! -e lacks ] && [ ! -e ran ] || exit 4
find trace -printf '%m %U\n' | sort -u >owners
cp -r trace "/share/trace-$1"
cp stat.json status owners lacks-perfmon lacks-bpf /share/
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
	expect "$kernel: the trace is his" "$(tr '\n' ' ' <"$share/owners")" '600 65534 700 65534 '
	expect "$kernel: COMMAND's capabilities" "$(sed -n 's/^Cap\(Eff\|Amb\):[[:space:]]*//p' "$share/status" | uniq)" \
		0000000000000000
	for missing in perfmon bpf; do
		expect "$kernel: without it: status" "$(tail -n 1 "$share/lacks-$missing")" 1
		name=CAP_$(echo $missing | tr '[:lower:]' '[:upper:]')
		expect "$kernel: what is missing" \
			"$(grep -o 'CAP_[A-Z]*' "$share/lacks-$missing" | tr '\n' ' ')" "$name "
	done
done
