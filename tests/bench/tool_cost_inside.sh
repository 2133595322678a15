#!/bin/bash
# tool_cost_inside.sh MODE BARRIERS...: on the emulated host, runs each guest
# unrecorded, then recorded with each kind of barriers. Appends "MODE GUEST
# BARRIERS NS" lines to samples, "none" for unrecorded, and leaves the traces.
#
# The collector stands still while a guest runs, and the guest's VMM has a CPU for
# itself: under icount the CPUs share one clock, which another CPU's work moves.
set -u
mode=$1
shift
folder=$PWD
cp hyptrace hyptrace-vmm guest Image linux-guest.cpio /tmp/
cd /tmp || exit 1

counted() {
	taskset -c 1 ./hyptrace-vmm --cpu 1 --truth truth guest "$@" >out || return
	sed -n 's/^vcpu=all .*\<wall_ns=\([0-9]*\).*/\1/p' truth >ns
}

# A Linux guest sleeps now and then, so that its wall clock means nothing here: CPU time.
linux() {
	TIMEFORMAT='%3U %3S'
	{ time taskset -c 1 qemu-system-aarch64 -machine virt,gic-version=host -accel kvm \
		-cpu host -m 256 -nodefaults -no-reboot -display none -serial file:console \
		-kernel Image -initrd linux-guest.cpio -append 'quiet panic=-1'; } 2>cpu
	grep -q 'the Linux guest has booted' console || return
	awk '{ printf "%.0f\n", 1e9 * ($1 + $2) }' cpu >ns
}

guest() {
	case $1 in
	hypercall) counted hypercall=5000 ;;
	mmio) counted mmio=2000 ;;
	linux) linux ;;
	esac
}

# take BARRIERS GUEST COMMAND...: what the command leaves in ns becomes a sample.
take() {
	barriers=$1 what=$2
	shift 2
	rm -f ns
	if "$@" 2>said && [ -s ns ]; then
		echo "$mode $what $barriers $(cat ns)" >>"$folder/samples"
	else
		echo "$mode: $what, $barriers: status $?: $(tail -n 1 said)" >&2
	fi
}

# record BARRIERS GUEST
record() {
	option=
	[ "$1" = plain ] || option="--barriers $1"
	# shellcheck disable=SC2086,SC2016 # words; the inner shell's variables
	taskset -c 0 ./hyptrace record $option --mem-ring 128M -o trace -- bash -c \
		'kill -STOP $PPID; guest "$1"; status=$?; kill -CONT $PPID; exit $status' bash "$2"
}

export -f counted linux guest
for what in hypercall mmio linux; do
	guest "$what" # warms up
	take none "$what" guest "$what"
	for barriers; do
		take "$barriers" "$what" record "$barriers" "$what"
		[ ! -e trace ] || mv trace "$folder/trace-$mode-$what-$barriers"
		rm -rf trace
	done
done
