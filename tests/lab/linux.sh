#!/bin/sh
# A Linux guest boots under QEMU while it is recorded, in both modes.
. "$(dirname "$0")/lib.sh"

image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"
for mode in nvhe vhe; do
	lab --mode $mode --time-limit 300 -- ./hyptrace record --mem-ring 32M -o trace-$mode -- qemu-system-aarch64 \
		-machine virt,gic-version=host -accel kvm -cpu host -m 256 -nodefaults -no-reboot \
		-display none -serial file:console-$mode -kernel Image -initrd linux-guest.cpio \
		-append 'quiet panic=-1' || fail "$mode: recording"
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
