# Sourced by the lab tests: a folder shared with the emulated host, and checks.
# A test for an x86 host sets arch=x86 before.
# shellcheck shell=sh
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
test_name=$(basename "$0" .sh)
arch=${arch:-arm64}
share=$O/$arch/test-$test_name
case $arch in
arm64) emulator=qemu-system-aarch64 inside='hyptrace hyptrace-vmm guest linux-guest.cpio' ;;
x86) emulator=qemu-system-x86_64 inside='hyptrace hyptrace-vmm guest' ;;
esac

fail() {
	echo "FAIL: $*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

for tool in "$emulator" jq babeltrace2; do
	command -v "$tool" >/dev/null || skip "$tool is missing: run 'make deps'"
done
[ -x "$O/$arch/hyptrace" ] || skip "$O/$arch/hyptrace is missing: run 'make $arch'"

# A fresh folder with what runs inside.
rm -rf "$share"
mkdir -p "$share"
for file in $inside; do
	ln -f "$O/$arch/$file" "$share/"
done

# lab OPTION... -- COMMAND...
lab() {
	"$O/hyptrace" lab --arch "$arch" --share "$share" "$@"
}

# kernel_file image|vmlinux OPTION...: the path of a built kernel's file.
kernel_file() {
	kind=$1
	shift
	"$O/hyptrace" lab --build-only "$@" | sed -n "s/^$kind=//p"
}

# expect WHAT GOT WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1: $2, expected $3"
	echo "ok: $1: $2"
}

# expect_true WHAT EXPRESSION: an awk expression over numbers.
expect_true() {
	awk "BEGIN { exit !($2) }" || fail "$1: not $2"
	echo "ok: $1: $2"
}

# truth FILE KEY: a value of the VMM's line for all vCPUs.
truth() {
	sed -n "s/^vcpu=all .*\<$2=\([0-9]*\).*/\1/p" "$1"
}
