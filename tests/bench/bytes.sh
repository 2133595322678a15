#!/bin/sh
# How large a trace is: bytes of all its stream files for each exit of a Linux guest's boot
# on an emulated host, by tier and mode. Bounds: 128 patched, 64 stock; 2 where no exit is
# a record, as totals that are stored while it boots should take less than 1. The longer
# stages take, in ticks of 1 ns, the more bits their lengths have: an emulated CPU takes some
# ten times as long as a real one, with icount a nanosecond for each instruction.
. "$(dirname "$0")/../lab/lib.sh"
status=0 chosen=

image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"

# boot NAME BOUND LAB-OPTION...: prints what the trace of a boot has
boot() {
	name=$1 bound=$2
	shift 2
	# shellcheck disable=SC2086 # words, or none
	lab "$@" --time-limit 600 -- ./hyptrace record --mem-ring 32M -o "$name" $chosen -- qemu-system-aarch64 \
		-machine virt,gic-version=host -accel kvm -cpu host -m 256 -nodefaults -no-reboot \
		-display none -serial "file:console-$name" -kernel Image -initrd linux-guest.cpio \
		-append 'quiet panic=-1' >"$share/out" 2>&1 || fail "$name: status $?: $(cat "$share/out")"
	grep -q 'the Linux guest has booted' "$share/console-$name" || fail "$name: the guest did not boot"
	"$O/hyptrace" report --json "$share/$name" >"$share/$name.json" || fail "$name: report"
	bytes=$(find "$share/$name" -type f ! -name metadata -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
	jq -r "\"\(.host.tier) \(.exits.total) \(.exits.lost)\"" "$share/$name.json" | {
		read -r tier exits lost
		awk -v name="$name" -v tier="$tier" -v exits="$exits" -v lost="$lost" -v bytes="$bytes" -v bound="$bound" 'BEGIN {
			each = bytes / exits
			printf "%-16s %-8s %8d exits %10d bytes %6.1f an exit%s%s\n", name, tier, exits, bytes, each,
				(each > bound ? ", OVER " bound : " (at most " bound ")"), (lost ? ", " lost " lost" : "")
			exit (each > bound || lost > 0)
		}'
	} || status=1
}

boot nvhe 128 --mode nvhe
boot vhe 128 --mode vhe
boot nvhe-icount 128 --mode nvhe --icount
boot vhe-icount 128 --mode vhe --icount
boot stock-nvhe 64 --mode nvhe --unpatched
chosen='--slower-than 1h'
boot totals 2 --mode nvhe
exit $status
