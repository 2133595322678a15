#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The other hosts: Debian's own kernels, on arm64 and on x86, keep `hyptrace lab`'s
# promises to COMMAND, and their KVM makes a virtual machine's device.
emulators='qemu-system-aarch64 qemu-system-x86_64'
. "$(dirname "$0")/lib-lab.sh"

# boots UNAME OPTION...
boots() {
	release=$1
	shift
	host=$*
	# shellcheck disable=SC2016 # for the shell over there
	echo input | "$hyptrace" lab --smp 1 --time-limit 120 "$@" -- sh -c 'cat >read
		uname -rm; [ -c /dev/kvm ] && echo kvm; [ -e /sys/kernel/btf/vmlinux ] && echo btf
		echo told >&2; exit 3' >out 2>err
	is "$host: status" 3 $?
	is "$host: input" input "$(cat read)"
	is "$host: standard error" told "$(grep -v '^hyptrace: lab:' err)"
	is "$host: KVM" kvm "$(sed -n 2p out)"
	is "$host: types of the kernel" btf "$(sed -n 3p out)"
	case $(sed -n 1p out) in
	$release) echo "ok: $host: $(sed -n 1p out)" ;;
	*) is "$host: kernel" "$release" "$(cat out)" ;;
	esac
	rm -f read
}

boots '6.12.*-arm64 aarch64' --stock
boots '6.1.*-arm64 aarch64' --stock --kernel 6.1
boots '6.12.*-amd64 x86_64' --arch x86

host='x86 without SVM'
"$hyptrace" lab --arch x86 --cpu qemu64,-svm true >out 2>err
is "$host: status" 1 $?
grep -q 'cannot load the module kvm-amd.ko' err || is "$host: sentence" ... "$(cat err)"
exit $failed
