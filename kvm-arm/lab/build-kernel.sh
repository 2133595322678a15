#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build-kernel.sh ENTRY TARBALL CONFIG... -- [PATCH]...: builds the arm64 kernel
# of TARBALL with the options of the CONFIGs on top of allnoconfig (of two lines
# about one option the later wins) and the patches applied in order; ENTRY gets
# Image, vmlinux (symbols, no debug information), System.map and config.

. "$(dirname "$0")/build-common.sh"

tarball=$2
tree=$work/tree
config=$work/kernel.config
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

# "is not set" is another word for "n".
take_options() {
	awk '/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { print $2 "=n" }
		/^CONFIG_/' "$1" >>"$work/options" || fail "cannot read the options in $1"
}

# One line an option, the last one given.
merge_options() {
	awk -F= '!($1 in line) { names[++count] = $1 }
		{ line[$1] = $0 }
		END { for (i = 1; i <= count; i++) print line[names[i]] }' "$work/options" >"$config"
}

# Kconfig drops what it cannot honour without a word.
check_config() {
	while IFS= read -r line; do
		name=${line%%=*}
		case $line in
		*=n) ! grep -q "^$name=" "$tree/.config" ;;
		*) grep -qxF "$line" "$tree/.config" ;;
		esac || fail "the kernel's configuration lost $line: $(grep "${name}[ =]" "$tree/.config" ||
			echo 'it does not know this option, or a dependency is missing')"
	done <"$config"
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
shift 2
while [ "$1" != -- ]; do
	take_options "$1"
	shift
done
shift
merge_options
unpack
apply "$@"
use_ccache
configure
run_make -j"$(nproc)" Image
keep
finish
