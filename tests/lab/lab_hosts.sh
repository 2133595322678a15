#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The other hosts: Debian's own kernels, on arm64 and on x86, keep `hyptrace lab`'s
# promises to COMMAND, and their KVM makes a virtual machine's device.
set -u
cd "$(dirname "$0")/../.." || exit
hyptrace=$(realpath "${O:-build}")/hyptrace
for program in qemu-system-aarch64 qemu-system-x86_64 mmdebstrap; do
	command -v $program >/dev/null || {
		echo "$program is not installed"
		exit 77
	}
done
share=$(mktemp -d)
trap 'rm -rf "$share"' EXIT
cd "$share" || exit 1
failed=0

# is WHAT WANTED FOUND
is() {
	[ "$2" = "$3" ] && return
	echo "$host: $1: '$3', not '$2'"
	failed=1
}

# boots UNAME OPTION...
boots() {
	release=$1
	shift
	host=$*
	# shellcheck disable=SC2016 # for the shell over there
	echo input | "$hyptrace" lab --smp 1 --time-limit 120 "$@" -- sh -c 'cat >read
		uname -rm; [ -c /dev/kvm ] && echo kvm; [ -e /sys/kernel/btf/vmlinux ] && echo btf
		echo told >&2; exit 3' >out 2>err
	is status 3 $?
	is input input "$(cat read)"
	is 'standard error' told "$(grep -v '^hyptrace: lab:' err)"
	is KVM kvm "$(sed -n 2p out)"
	is 'types of the kernel' btf "$(sed -n 3p out)"
	case $(sed -n 1p out) in
	$release) echo "ok: $host: $(sed -n 1p out)" ;;
	*) is kernel "$release" "$(cat out)" ;;
	esac
	rm -f read
}

boots '6.12.*-arm64 aarch64' --stock
boots '6.1.*-arm64 aarch64' --stock --kernel 6.1
boots '6.12.*-amd64 x86_64' --arch x86

host='x86 without SVM'
"$hyptrace" lab --arch x86 --cpu qemu64,-svm true >out 2>err
is status 1 $?
grep -q 'cannot load the module kvm-amd.ko' err || is 'sentence' ... "$(cat err)"
exit $failed
