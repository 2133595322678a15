#!/bin/sh
# CPUs go and come while a guest is recorded: one that nothing runs on, then the
# one that the vCPU is on. Nothing is lost, the counts are right, the kernel does
# not complain. CONFIG: a fragment of options, for example debug.config.
. "$(dirname "$0")/lib.sh"
config=
[ -z "${CONFIG:-}" ] || config="--config $CONFIG --memory 3072"

# hotplug MODE TRACE RECORD-OPTION...
hotplug() {
	mode=$1 trace=$2
	shift 2
	# shellcheck disable=SC2086 # words
	lab --kernel "$kernel" --mode "$mode" --smp 3 --time-limit 1800 $config -- sh -c "
		{ until pgrep -x hyptrace-vmm >/dev/null; do sleep 0.2; done
		sleep 2 # for the vCPU to be where --cpu puts it
		while [ ! -e done ]; do
			for cpu in 2 1; do
				echo 0 >/sys/devices/system/cpu/cpu\$cpu/online && echo off \$cpu >>moves
				sleep 0.2
				echo 1 >/sys/devices/system/cpu/cpu\$cpu/online && echo on \$cpu >>moves
				sleep 0.2
			done
		done; } 2>/dev/null & mover=\$!
		rm -f done moves
		taskset -c 0 ./hyptrace record $* --mem-ring 64M -o $trace -- ./hyptrace-vmm --cpu 1 --truth truth \
			guest $counted_words hypercall=$((50 * n))
		status=\$?
		touch done
		wait \$mover
		dmesg >dmesg
		exit \$status" || fail "$trace: recording"
	rm -f "$share/done"
	expect_true "$trace: CPUs taken off" "$(grep -c off "$share/moves") >= 4"
	"$O/hyptrace" report --json "$share/$trace" >"$share/report.json" || fail "$trace: report"
	expect "$trace: hypercalls" \
		"$(count '.class == "hvc" and (.detail | startswith("0x4b000000"))')" $((51 * n))
	whole "$trace"
	no_splat "$trace"
}

for mode in nvhe vhe; do
	hotplug "$mode" "trace-$mode"
	record_knows --clock && hotplug "$mode" "trace-$mode-cycles" --clock cycles
done
exit 0
