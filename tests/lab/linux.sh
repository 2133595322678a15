#!/bin/sh
# A Linux guest boots under QEMU while it is recorded, in both modes.
. "$(dirname "$0")/lib.sh"

image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"

record_boot() {
	rm -rf "$share/trace-$1"
	lab --mode "$1" --time-limit 200 -- ./hyptrace record --mem-ring 64M -o "trace-$1" -- qemu-system-aarch64 \
		-machine virt,gic-version=host -accel kvm -cpu host -m 256 -nodefaults -no-reboot \
		-display none -serial "file:console-$1" -kernel Image -initrd linux-guest.cpio \
		-append 'quiet panic=-1'
}

for mode in nvhe vhe; do
	record_boot $mode
	status=$?
	# Seen once in some 70 boots. What the host's threads were at is printed above.
	if [ $status -eq 124 ]; then
		echo "note: $mode: the boot hung, its console says '$(tail -n 1 "$share/console-$mode")'; once more"
		record_boot $mode
		status=$?
	fi
	[ $status -eq 0 ] || fail "$mode: recording, status $status"
	grep -q 'the Linux guest has booted' "$share/console-$mode" || fail "$mode: the guest did not boot"
	"$O/hyptrace" report --json "$share/trace-$mode" >"$share/$mode.json" || fail "$mode: report"
	"$O/hyptrace" report "$share/trace-$mode"
	expect_true "$mode: exits" "$(jq .exits.total "$share/$mode.json") > 1000"
	expect "$mode: lost" "$(jq .exits.lost "$share/$mode.json")" 0
	expect "$mode: torn" "$(jq .exits.torn "$share/$mode.json")" 0
	babeltrace2 "$share/trace-$mode" >"$share/text" 2>"$share/warnings" || fail "babeltrace2"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
	expect "$mode: exits that babeltrace2 reads" "$(grep -c ' exit: {' "$share/text")" \
		"$(jq '.exits.total' "$share/$mode.json")"
	rm -f "$share/text"
done
