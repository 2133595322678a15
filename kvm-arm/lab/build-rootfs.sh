#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build-rootfs.sh ENTRY ARCH LIST...: makes ENTRY/rootfs.ext4, the emulated host's
# root file system, from Debian's packages for ARCH that the LISTs name, as this
# machine's apt is configured to get them. Nothing is emulated: packages are only unpacked, so
# what their maintainer scripts would do is done here by hand.

. "$(dirname "$0")/build-common.sh"

arch=$2
shift 2
tarball=$work/packages.tar
tree=$work/tree

progress() {
	sed -n 's/^I: //p' "$log" | tail -n 1
}

# What only takes room: perf is linked with the libraries of two languages, whose
# scripts it does without.
without='--exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
	--exclude=./usr/share/info --exclude=./usr/share/icons --exclude=./usr/share/iso-codes
	--exclude=./usr/share/xml/[!l]* --exclude=./usr/share/perl* --exclude=./usr/lib/*/perl
	--exclude=./usr/lib/*/perl-base --exclude=./usr/bin/perl* --exclude=./usr/lib/python3*
	--exclude=./usr/bin/python3* --exclude=./usr/bin/qemu-system-arm
	--exclude=./usr/bin/qemu-system-i386
	--exclude=./usr/share/qemu/openbios* --exclude=./usr/share/qemu/skiboot*
	--exclude=./usr/share/qemu/slof* --exclude=./usr/share/qemu/hppa* --exclude=./dev'

# Debian's own archives among apt's sources, as one-line entries for $arch.
sources() {
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	options="arch=$arch"
	[ ! -e "$keys" ] || options="$options signed-by=$keys"
	apt-get indextargets --format "deb [$options] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
		'Created-By: Packages' 'Origin: Debian' "Architecture: $(dpkg --print-architecture)"
}

fetch() {
	sources >"$work/sources.list"
	[ -s "$work/sources.list" ] ||
		fail "apt knows no Debian archive on this machine: run 'apt-get update'"
	apt-config dump Acquire::http Acquire::https | grep -v '""' >"$work/apt.conf" || :
	mode=chrootless # nothing of the packages is run, so this is enough
	[ "$(id -u)" -ne 0 ] || mode=root
	include=$(sed 's/#.*//' "$@" | tr -s '[:space:]' , | sed 's/^,//; s/,$//')
	mmdebstrap --mode=$mode --variant=extract --architectures="$arch" --include="$include" \
		--aptopt="$work/apt.conf" --aptopt='Acquire::Retries "3"' \
		'' "$tarball" "$work/sources.list"
}

# /bin, /lib and /sbin are links, as on an installed Debian.
unpack() {
	mkdir -p "$tree/usr/bin" "$tree/usr/lib" "$tree/usr/sbin"
	for folder in bin lib sbin; do
		ln -s "usr/$folder" "$tree/$folder"
	done
	# shellcheck disable=SC2086 # a list of words
	tar -xf "$tarball" -C "$tree" --keep-directory-symlink --no-same-owner $without
	rm "$tarball"
}

users() {
	cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
	cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
	echo lab >"$tree/etc/hostname"
	printf '127.0.0.1 localhost lab\n::1 localhost\n' >"$tree/etc/hosts"
	cp "$tree/usr/share/libc-bin/nsswitch.conf" "$tree/etc/nsswitch.conf"
}

links() {
	ln -sf dash "$tree/bin/sh"
	ln -sf gawk "$tree/usr/bin/awk"
	ln -sf /proc/self/mounts "$tree/etc/mtab"
	mkdir -p "$tree/dev" "$tree/proc" "$tree/sys" "$tree/run" "$tree/tmp" "$tree/var/tmp" \
		"$tree/root" "$tree/share"
	ldconfig -r "$tree"
}

# As user 0 of a name space where that is allowed, so that root owns the files.
as_root() {
	if [ "$(id -u)" -ne 0 ] && unshare --map-root-user true 2>/dev/null; then
		unshare --map-root-user "$@"
	else
		"$@"
	fi
}

image() {
	size=$(($(du -s --apparent-size -BM "$tree" | cut -dM -f1) * 5 / 4 + 32))
	as_root mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E root_owner=0:0 \
		-E lazy_itable_init=0 -m 0 -L lab -d "$tree" "$result/rootfs.ext4" "${size}M"
}

begin "building the root file system for $arch"
fetch "$@"
unpack
users
links
image
finish
