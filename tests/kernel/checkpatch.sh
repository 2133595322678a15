#!/bin/sh
# checkpatch.sh [VERSION...]: the kernel's own checkpatch.pl, from the source that
# the series is for, over each patch (without VERSION: over every series). Any
# error or warning fails, but for the one that asks for a line in MAINTAINERS;
# what only --strict finds is printed.
set -u
cd "$(dirname "$0")/../.." || exit 1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hyptrace
failed=0

# unpack VERSION: sets scripts, the folder with checkpatch.pl
unpack() {
	tarball=/usr/src/linux-source-$1.tar.xz
	scripts=$cache/checkpatch-$1
	[ -e "$tarball" ] || {
		echo "SKIP: $1: linux-source-$1 is missing: run 'make deps'"
		exit 77
	}
	[ -z "$(find "$scripts/checkpatch.pl" -newer "$tarball" 2>/dev/null)" ] || return 0
	mkdir -p "$scripts"
	tar -I 'xz -dT0' -xf "$tarball" -C "$scripts" --touch --strip-components=2 --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
}

# On standard input: a file that git knows is taken for a source file.
check() {
	said=$(perl "$scripts/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
		--ignore FILE_PATH_CHANGES - <"$1")
	case $said in
	*' ERROR:'* | *' WARNING:'*) failed=1 && echo "FAIL: $1" ;;
	*) echo "ok: $1" ;;
	esac
	[ -z "$said" ] || echo "$said" | sed 's/^-:/    line /'
}

if [ $# -eq 0 ]; then
	for series in kernel-patches/v*; do
		set -- "$@" "${series#*/v}"
	done
fi
for version; do
	unpack "$version"
	for patch in kernel-patches/v"$version"/*.patch; do
		check "$patch"
	done
done
exit $failed
