#!/bin/sh
# A machine with a GICv2: other code saves and restores the interrupt
# controller. A Linux guest boots under QEMU; the counted guest runs too where
# its VMM can do without a GICv3.
. "$(dirname "$0")/lib.sh"

for mode in nvhe vhe; do
	run_linux "linux-$mode" --mode $mode --gic 2
	if lab --kernel "$kernel" --mode $mode --gic 2 -- ./hyptrace-vmm guest noop=1 >/dev/null \
		2>"$share/err"; then
		run_counted "counted-$mode" --mode $mode --gic 2
	else
		echo "SKIP: $mode: the counted guest: $(tail -n 1 "$share/err")"
	fi
done
