#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build-stock.sh ENTRY "PACKAGE VERSION SHA256" LIST...: fetches Debian's kernel
# package as this machine's apt is configured to get it. ENTRY gets vmlinuz, config,
# the modules that the LISTs name with those that they need, and their file names
# in the order to load them in `modules`.

. "$(dirname "$0")/build-common.sh"

package=${2%% *}
version=${2#* }
version=${version%% *}
arch=${package##*-}
tree=$work/tree

progress() {
	tail -n 1 "$log"
}

fetch() {
	mkdir "$work/package"
	(cd "$work/package" && apt-get -q -o Acquire::Retries=3 download "$package:$arch=$version")
}

# Modules are under /usr in newer releases.
unpack() {
	mkdir "$tree"
	dpkg-deb --fsys-tarfile "$work"/package/*.deb >"$work/package.tar"
	tar -xf "$work/package.tar" -C "$tree" --exclude=./usr/share
	[ -d "$tree/lib/modules" ] || ln -s usr/lib "$tree/lib"
	release=$(ls "$tree/lib/modules")
	depmod -b "$tree" "$release"
}

# The paths of a module and of what it needs, in the order to load them.
needed() {
	modprobe -d "$tree" -S "$release" --show-depends "$1" >"$work/depends" ||
		fail "$package has no module $1"
	sed -n 's/^insmod \([^ ]*\).*/\1/p' "$work/depends" >>"$work/paths"
}

# A module twice in the list is loaded once.
keep_modules() {
	: >"$result/modules"
	awk '!seen[$0]++' "$work/paths" >"$work/ordered"
	while IFS= read -r path; do
		name=$(basename "$path" .xz)
		case $path in
		*.xz) xz -dc "$path" >"$result/$name" ;;
		*) cp "$path" "$result/$name" ;;
		esac
		echo "$name" >>"$result/modules"
	done <"$work/ordered"
}

keep() {
	cp "$tree/boot/vmlinuz-$release" "$result/vmlinuz"
	cp "$tree/boot/config-$release" "$result/config"
	keep_modules
}

begin "unpacking Debian's $package"
shift 2
fetch
unpack
for module in $(sed 's/#.*//' "$@"); do
	needed "$module"
done
keep
finish
