#!/bin/sh
# Two observers of the same exits: the guest reads the counter right before and
# right after each operation, the host stamps it. What the guest measures beyond
# the host's record is the same for every single sample, and it is what nobody
# stamps: the way from the EL2 vector to the first stamp and from the last one to
# the ERET, as the kernel counted them in its own text, and the guest's own few
# instructions, counted below in the guest's text. Nothing is fitted.
. "$(dirname "$0")/lib.sh"

n=${COUNT:-1000} offset=1000000
objdump=aarch64-linux-gnu-objdump
command -v $objdump >/dev/null || skip "$objdump is missing: run 'make deps'"

# What the guest itself executes between its two reads of the counter: the first
# read, the operation and an ISB, so 3. Of these QEMU (accel/tcg, with -icount)
# counts instructions when a block of them begins and takes back what a faulting
# memory access did not complete, the load itself too; an HVC, and an MRS that is
# trapped, stay counted.
guest_instructions() {
	count=$($objdump -d --disassemble="sample_$1" "$O/guest.elf" | awk '
		/mrs.*cntvct_el0/ && reads++ { print count; exit }
		reads { count++ }')
	case $1 in
	gicd | mmio) echo $((count - 1)) ;;
	*) echo $((count + 0)) ;;
	esac
}

# env_number TRACE NAME: a number of the trace's environment.
env_number() {
	sed -n "s/^[[:space:]]*$2 = \(-\{0,1\}[0-9]*\);.*/\1/p" "$1/metadata"
}

# rest MODE: what is left of the samples, in $share/rest-MODE.
rest() {
	mode=$1 trace=$share/trace-$1
	rm -rf "$trace"
	lab --mode "$mode" --smp 1 --icount -- ./hyptrace record -o "trace-$mode" -- ./hyptrace-vmm \
		--counter-offset $offset --samples "samples-$mode" guest \
		hypercall="$n" gicd="$n" mmio="$n" cntpct="$n" >/dev/null 2>&1 || fail "$mode: recording"
	for name in eret irq trap hvc; do
		value=$(env_number "$trace" unstamped_$name)
		[ "${value:-0}" -gt 0 ] || fail "$mode: the trace does not say unstamped_$name"
		eval "$name=$value"
	done
	# shellcheck disable=SC2154
	echo "$mode: not stamped: $irq, $trap or $hvc instructions from the vector on" \
		"(interrupt, trap, HVC), $eret to the ERET"
	sed -n 's/.*\<stages = "\(.*\)";.*/\1/p' "$trace/metadata" >"$share/stages"
	babeltrace2 "$trace" >"$share/text" || fail "$mode: babeltrace2"
	awk -v offset=$offset -v eret="$eret" -v irq="$irq" -v trap="$trap" -v hvc="$hvc" \
		-f tests/lab/agreement.awk "$share/stages" "$share/text" "$share/samples-$mode" |
		sort | uniq -c | awk '{ print $2, $1, $3 }' >"$share/rest-$mode"
	rm -f "$share/text"
}

# On one CPU: under icount the turn of another one, thousands of instructions, may
# come where nobody stamps.
for mode in nvhe vhe; do
	rest $mode
	for operation in hypercall gicd mmio cntpct; do
		expect "$mode: $operation: samples, instructions that are neither the host's nor unstamped" \
			"$(sed -n "s/^$operation //p" "$share/rest-$mode" | tr '\n' ';')" \
			"$n $(guest_instructions $operation);"
	done
done
