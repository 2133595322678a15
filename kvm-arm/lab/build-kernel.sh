#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build-kernel.sh ENTRY TARBALL CONFIG [PATCH]...: builds the arm64 kernel of
# TARBALL with the options of CONFIG on top of allnoconfig and the patches
# applied in order; ENTRY gets Image, vmlinux (symbols, no debug information),
# System.map and config.

. "$(dirname "$0")/build-common.sh"

tarball=$2
config=$3
shift 3
tree=$work/tree
compiler=aarch64-linux-gnu-gcc

progress() {
	printf '%s objects compiled' "$(grep -cE '^  (CC|AS|HYPCC|HOSTCC) ' "$log" || :)"
}

# Half a gigabyte of other architectures' sources and of headers, which an arm64
# Image is not made of. Kconfig and the checks look into the rest.
foreign='alpha arc csky hexagon loongarch m68k microblaze mips nios2 openrisc parisc powerpc riscv
	s390 sh sparc um xtensa'

without() {
	printf '*/drivers/gpu/drm/amd/include\n*/boot/dts/*\n'
	for arch in $foreign; do
		printf '*/arch/%s/*.[chS]\n' "$arch"
	done
}

unpack() {
	mkdir "$tree"
	without >"$work/without"
	tar -I 'xz -dT0' -xf "$tarball" -C "$tree" --strip-components=1 -X "$work/without"
}

apply() {
	for patch in "$@"; do
		echo "applying $patch"
		patch -d "$tree" -p1 --batch --forward <"$patch" || fail "$patch does not apply"
	done
}

# A tree in another temporary folder finds the objects of the last one again.
use_ccache() {
	command -v ccache >/dev/null || return 0
	compiler="ccache $compiler"
	export CCACHE_DIR="${entry%/*}/ccache" CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1
	export CCACHE_MAXSIZE=2G
}

run_make() {
	make -C "$tree" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC="$compiler" LOCALVERSION= \
		KBUILD_BUILD_USER=hyptrace KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' "$@"
}

# Kconfig drops what it cannot honour without a word.
check_config() {
	grep '^CONFIG_' "$config" | while IFS= read -r line; do
		name=${line%%=*}
		case $line in
		*=n) ! grep -q "^$name=" "$tree/.config" ;;
		*) grep -qxF "$line" "$tree/.config" ;;
		esac || fail "the kernel's configuration lost $line: $(grep "${name}[ =]" "$tree/.config" ||
			echo 'it does not know this option, or a dependency is missing')"
	done
}

configure() {
	run_make KCONFIG_ALLCONFIG="$config" allnoconfig
	check_config
}

keep() {
	cp "$tree/arch/arm64/boot/Image" "$tree/System.map" "$result/"
	cp "$tree/.config" "$result/config"
	aarch64-linux-gnu-objcopy --strip-debug "$tree/vmlinux" "$result/vmlinux"
}

begin "building the kernel of ${tarball##*/}"
unpack
apply "$@"
use_ccache
configure
run_make -j"$(nproc)" Image
keep
finish
