#!/bin/sh
# Devices by name: the vGIC's frames by the kernel, others by a file; a QEMU's own by
# its machine protocol, asked as root and as another user. Counts are the guest's.
. "$(dirname "$0")/lib.sh"
n=${COUNT:-300}
image=$(kernel_file image) || fail "no kernel"
cp "$image" "$share/Image"
printf '# ours\n0x9000000-0x9000fff the "uart"\n' >"$share/devices"
printf '0x9000000+0x1000 a uart\n\n0x9000000 uart\n' >"$share/bad"

# device FILE NAME: who handled it, reads and writes, of each row with that name.
device() {
	jq -r --arg name "$2" '[.devices[] | select(.name == $name) |
		"\(.handled) \(.reads) \(.writes)"] | sort | join(", ")' "$1"
}

# counted NAME: the report $share/NAME.json has what the guest did, by device.
counted() {
	json=$share/$1.json truth=$share/$2
	expect "$1: reads of the distributor" "$(device "$json" GICD | cut -d' ' -f1,2)" "kernel $n"
	expect_true "$1: accesses to the redistributor" \
		"$(jq '[.devices[] | select(.name == "GICR 0") | .reads + .writes] | add // 0' "$json") > 0"
	expect "$1: accesses in the kernel, all of the vGIC" \
		"$(jq '[.devices[] | select(.name | startswith("GIC")) | .reads + .writes] | add // 0' "$json")" \
		"$(truth "$truth" mmio_exit_kernel)"
	expect "$1: accesses to the file's device" "$(device "$json" 'the "uart"')" \
		"user $(truth "$truth" mmio_reads) $(truth "$truth" mmio_writes)"
	expect "$1: devices without a name" "$(jq '[.devices[] | select(.name == .ipa)] | length' "$json")" 0
}

# guest NAME OPTION...: the counted guest, recorded and by its totals.
guest() {
	name=$1
	shift
	vmm='./hyptrace-vmm --cpu 1 --truth' work="guest gicd=$n mmio=$n wfi=20"
	lab "$@" -- sh -c "
		./hyptrace record --devices devices -o trace-$name -- $vmm $name.truth $work >/dev/null || exit 1
		./hyptrace stat --devices devices --json -- sh -c '$vmm $name-stat.truth $work >/dev/null' \
			>$name-stat.json || exit 2
		./hyptrace record --devices bad -o refused -- touch ran 2>refused.err
		[ \$? -eq 2 ] || exit 3
		[ ! -e refused ] && [ ! -e ran ] || exit 4" || fail "$name: status $?"
	grep -q "'bad', line 3: write 'START-END NAME'" "$share/refused.err" || fail "$(cat "$share/refused.err")"
	"$O/hyptrace" report --json "$share/trace-$name" >"$share/$name.json" || fail "$name: report"
	counted "$name" "$name.truth"
	counted "$name-stat" "$name-stat.truth"
	"$O/hyptrace" report --by device "$share/trace-$name" | tail -n 5
	babeltrace2 "$share/trace-$name" >"$share/text" 2>"$share/warnings" || fail "babeltrace2"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
	grep -q ' device: .*first = 0x8000000, last = 0x800FFFF, .* source = 1, name = "GICD"' "$share/text" ||
		fail "the distributor in the trace: $(grep ' device: ' "$share/text")"
}

# linux MODE UID MONITOR: a Linux guest under QEMU, which tells the user of its devices.
linux() {
	lab --mode "$1" --time-limit 300 -- sh -c "
		chmod 666 /dev/kvm
		mkdir -m 777 /tmp/work
		cp hyptrace Image linux-guest.cpio /tmp/work
		cd /tmp/work || exit 9
		SUDO_UID=$2 SUDO_GID=$2 ./hyptrace record --mem-ring 32M -o trace -- qemu-system-aarch64 \
			-machine virt,gic-version=host -accel kvm -cpu host -m 256 -nodefaults -no-reboot \
			-display none -serial file:console -kernel Image -initrd linux-guest.cpio \
			-append 'quiet panic=-1' $3
		status=\$?
		stat -c %u trace >/share/owner-$1
		cp console /share/console-$1
		cp -r trace /share/trace-$1
		exit \$status" || fail "$1: recording, status $?"
	grep -q 'the Linux guest has booted' "$share/console-$1" || fail "$1: the guest did not boot"
	expect "$1: whose trace" "$(cat "$share/owner-$1")" "$2"
	json=$share/$1.json
	"$O/hyptrace" report --json "$share/trace-$1" >"$json" || fail "$1: report"
	"$O/hyptrace" report --by device "$share/trace-$1" | sed -n '/^devices/,$p'
	expect "$1: the device at 0x9000000, by QEMU" \
		"$(jq -r '[.devices[] | select(.ipa == "0x9000000") | .name] | unique | join(", ")' "$json")" pl011
	expect "$1: the one at 0x8000000, by the kernel" \
		"$(jq -r '[.devices[] | select(.ipa == "0x8000000") | .name] | unique | join(", ")' "$json")" GICD
	expect "$1: lost" "$(jq .exits.lost "$json")" 0
}

guest patched-nvhe --mode nvhe
guest patched-vhe --mode vhe
guest stock-vhe --mode vhe --unpatched
linux nvhe 0 '-qmp unix:/tmp/qmp,server=on,wait=off'
linux vhe 65534 '-chardev socket,id=m,path=qmp,server=on,wait=off -mon chardev=m,mode=control'
