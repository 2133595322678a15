#!/bin/sh
# A kernel without jump labels boots and runs guests; hyptrace either records
# there and is right, or refuses with one line and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

for mode in nvhe vhe; do
	rm -rf "$share/trace"
	lab --kernel "$kernel" --mode $mode --config "$configs"/no-jump-label.config -- sh -c "
		./hyptrace-vmm guest hypercall=100 gicd=10 mmio=10 >/dev/null 2>&1 || exit 3
		./hyptrace record -o trace -- ./hyptrace-vmm --cpu 1 --truth truth guest $counted_words \
			>/dev/null 2>err
		echo \$? >status
		dmesg >dmesg" || fail "$mode: the kernel does not run a guest (status $?)"
	status=$(cat "$share/status")
	if [ "$status" -eq 0 ]; then
		check_report trace
	else
		expect "$mode: status of the refusal" "$status" 1
		expect "$mode: lines of the refusal" "$(wc -l <"$share/err")" 1
		[ ! -e "$share/trace" ] || fail "$mode: a trace was left behind"
		echo "ok: $mode: refused: $(cat "$share/err")"
	fi
	no_splat $mode
done
