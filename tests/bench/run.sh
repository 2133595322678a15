#!/bin/sh
# What tracing costs, in instructions per operation under icount (one vCPU,
# pinned), and as a ratio to the unpatched kernel, measured side by side.
set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
share=$O/arm64/bench
rm -rf "$share"
mkdir -p "$share"
ln -f "$O/arm64/hyptrace" "$O/arm64/hyptrace-vmm" "$O/arm64/guest" "$share/"

operations='hypercall gicd mmio'
guest='./hyptrace-vmm --cpu 1 --truth truth guest hypercall=2000 gicd=1000 mmio=1000'

# measure NAME LAB-OPTION... -- COMMAND: the guest's own figures, into a file.
measure() {
	name=$1
	shift
	"$O/hyptrace" lab --share "$share" --icount "$@" 2>/dev/null |
		sed -n 's/^op=\([a-z]*\) .*\<per=\([0-9.]*\).*/\1 \2/p' >"$share/$name"
}

figure() {
	awk -v operation="$2" '$1 == operation { print $2 }' "$share/$1"
}

for mode in nvhe vhe; do
	measure $mode-unpatched --mode $mode --unpatched -- $guest
	measure $mode-idle --mode $mode -- $guest
	measure $mode-record --mode $mode -- taskset -c 0 ./hyptrace record -o trace-$mode -- $guest
done

printf '%-5s %-10s %10s %10s %8s %10s %8s\n' mode operation unpatched idle ratio recording ratio
for mode in nvhe vhe; do
	for operation in $operations; do
		awk -v mode=$mode -v operation=$operation -v a="$(figure $mode-unpatched $operation)" \
			-v b="$(figure $mode-idle $operation)" -v c="$(figure $mode-record $operation)" \
			'BEGIN { printf "%-5s %-10s %10.0f %10.0f %8.3f %10.0f %8.3f\n",
				mode, operation, a, b, b / a, c, c / a }'
	done
done
echo "Instructions per operation as the guest counts them; barriers cost nothing under emulation."
