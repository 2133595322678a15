#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What `hyptrace lab` refuses, and the sentence it gives: nothing is booted.
set -u
cd "$(dirname "$0")/../.." || exit
hyptrace=$(realpath "${O:-build}")/hyptrace
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# refuses STATUS WORDS ARGUMENT...: the exit status, and words of the one line on standard error.
refuses() {
	want=$1 words=$2
	shift 2
	"$hyptrace" lab "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ "$status" -ne "$want" ] || [ -s "$scratch/out" ] || ! grep -qF -- "$words" "$scratch/err" ||
		[ "$(wc -l <"$scratch/err")" -ne 1 ]; then
		echo "lab $*: status $status, not $want, or not one line with '$words':"
		cat "$scratch/out" "$scratch/err"
		failed=1
	fi
}

# A kernel as an ELF file; $2 fills its table of jump labels.
vmlinux() {
	mkdir -p "$scratch/$1"
	: >"$scratch/$1/Image"
	cat >"$scratch/$1/vmlinux.s" <<-END
		.section __jump_table, "a"
		.globl __start___jump_table, __stop___jump_table
		__start___jump_table:
		$2
		__stop___jump_table:
	END
	as -o "$scratch/$1/vmlinux.o" "$scratch/$1/vmlinux.s" &&
		ld -Ttext=0x10000 -e 0 -o "$scratch/$1/vmlinux" "$scratch/$1/vmlinux.o"
}

refuses 2 'the modes are nvhe, vhe, hvhe, protected' --mode el3 true
refuses 2 'there is no COMMAND'
refuses 2 'lab: --smp must be a whole number from 1 to 8' --smp 0 true
refuses 2 'a kernel version looks like 6.12' --kernel ../6.12 true
refuses 1 'it is not a folder' --share /dev/null true
refuses 1 "cannot share $scratch/nowhere" --share "$scratch/nowhere" true
refuses 1 'there is no series for kernel 1.0' --kernel 1.0 true
refuses 1 'linux-source-1.0' --kernel 1.0 --unpatched true
refuses 1 "cannot read the patch $scratch/nowhere" --extra-patch "$scratch/nowhere" true
refuses 1 "cannot read the kernel configuration $scratch/nowhere" --config "$scratch/nowhere" true
refuses 2 'lab: --gic must be a whole number from 2 to 3' --gic 4 true
refuses 1 "cannot read the kernel $scratch/nowhere" --image "$scratch/nowhere" true

refuses 2 'the lab has arm64, x86' --arch riscv true
refuses 2 'lab: --mode has no meaning here: an x86 host has no EL2' --arch x86 --mode vhe true
refuses 2 'lab: --gic has no meaning here' --gic 2 --arch x86 true
refuses 2 'lab: --unpatched has no meaning here: an x86 host runs' --arch x86 --unpatched true
refuses 2 'lab: --extra-patch has no meaning here: --stock takes' --stock --extra-patch x true
refuses 2 'lab: --image has no meaning here: --stock takes' --stock --image x true
refuses 2 'a kernel version looks like 6.12' --stock --kernel 6.12-rc1 true
refuses 1 'apt offers no linux-image package of version 1.0 for arm64' --stock --kernel 1.0 true

vmlinux without ''
refuses 1 'has no jump labels' --image "$scratch/without/Image" true
printf 'no kernel' >"$scratch/without/vmlinux"
refuses 1 'has no jump labels' --image "$scratch/without/Image" true
head -c 100 /dev/zero >"$scratch/without/vmlinux"
refuses 1 'has no jump labels' --image "$scratch/without/Image" true

# With jump labels it gets as far as the missing cache.
vmlinux with '.skip 16'
(
	unset HOME XDG_CACHE_HOME
	refuses 1 'set HOME or XDG_CACHE_HOME' --image "$scratch/with/Image" true
	exit $failed
) || failed=1

# A missing program is named with its package.
mkdir "$scratch/bin"
for program in dirname realpath mktemp cat grep wc; do
	ln -s "$(command -v $program)" "$scratch/bin/"
done
(
	PATH=$scratch/bin
	refuses 1 "install Debian's qemu-system-arm, or all the lab needs with 'make deps'" true
	refuses 1 "install Debian's gcc-aarch64-linux-gnu" --unpatched --build-only
	refuses 1 "install Debian's qemu-system-x86" --arch x86 true
	exit $failed
) || failed=1

exit $failed
