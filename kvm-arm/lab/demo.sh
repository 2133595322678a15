#!/bin/sh
# The main job on real input: on an emulated KVM/ARM host, once in split mode
# and once with VHE, records a Linux guest's boot under QEMU and the counted
# guest, then prints both ledgers side by side.
set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
share=$O/arm64
count=${COUNT:-10000}

eval "$("$O/hyptrace" lab --build-only | grep -E '^(image|vmlinux)=')"
cp -u "$image" "$share/Image"
rm -rf "$share"/demo-*

for mode in nvhe vhe; do
	echo
	echo "== $mode: a Linux guest boots under QEMU, then the counted guest runs"
	"$O/hyptrace" lab --mode "$mode" --share "$share" --time-limit 300 -- sh -c "
		./hyptrace record --mem-ring 32M -o demo-linux-$mode -- qemu-system-aarch64 \
			-machine virt,gic-version=host -accel kvm -cpu host -m 256 \
			-nodefaults -no-reboot -display none -serial file:demo-linux-$mode.log \
			-kernel Image -initrd linux-guest.cpio -append 'quiet panic=-1' &&
		./hyptrace record -o demo-counted-$mode -- ./hyptrace-vmm \
			--truth demo-truth-$mode guest \
			hypercall=$count gicd=$count mmio=$count wfi=$((count / 5)) &&
		grep -h booted demo-linux-$mode.log"
done

for what in linux counted; do
	echo
	echo "== $what guest: split mode against VHE"
	"$O/hyptrace" report "$share/demo-$what-nvhe" "$share/demo-$what-vhe"
done
echo
echo "The traces are in $share/demo-*: try '$O/hyptrace report $share/demo-counted-nvhe',"
echo "or 'babeltrace2 $share/demo-counted-nvhe'."
