#!/bin/sh
# text_cost.sh [UNPATCHED PATCHED]: where the patched kernel's text is larger: each function whose length differs
# between the two vmlinux, in instructions, and a sum a source file.
# Without two vmlinux those of VERSION (6.12 if not set) are taken.
set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
version=${VERSION:-6.12}
series=$(pwd)/kernel-patches/v$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v aarch64-linux-gnu-nm >/dev/null || {
	echo "SKIP: aarch64-linux-gnu-nm is missing: run 'make deps'"
	exit 77
}

vmlinux() {
	"$O/hyptrace" lab --build-only --kernel "$version" "$@" | sed -n 's/^vmlinux=//p'
}

# NAME INSTRUCTIONS lines; what the compiler made of one function in parts or
# copies, and functions of one name, count together.
functions() {
	aarch64-linux-gnu-nm -S --defined-only "$1" | awk 'NF == 4 && tolower($3) == "t" {
		sub(/\.(isra|part|constprop|cold)\..*|\.cold$/, "", $4)
		print $4, $2
	}' | while read -r name size; do echo "$name $((0x$size / 4))"; done |
		awk '{ sum[$1] += $2 } END { for (name in sum) print name, sum[name] }' | sort
}

# The patched sources that KVM is made of.
unpack() {
	mkdir "$work/tree"
	tar -I 'xz -dT0' -xf "/usr/src/linux-source-$version.tar.xz" -C "$work/tree" \
		--strip-components=1 --wildcards '*/arch/arm64/kvm' '*/arch/arm64/include/asm' \
		'*/virt/kvm' '*/include/linux/kvm_host.h'
	for patch in "$series"/*.patch; do
		patch -d "$work/tree" -p1 --batch --forward <"$patch" >/dev/null || :
	done
}

# The file that defines a function, as C or as assembly.
file_of() {
	name=${1#__kvm_nvhe_} where='arch/arm64/kvm virt arch/arm64/include'
	[ "$name" = "$1" ] || where='arch/arm64/kvm/hyp arch/arm64/include'
	# shellcheck disable=SC2086 # words
	found=$(cd "$work/tree" && grep -rlE \
		"^[A-Za-z_][A-Za-z0-9_ *]*[ *]${name}\(([^;]*|.*[^;])\$|SYM_[A-Z_]*\(${name}[,)]" $where | head -n 1)
	echo "${found:-made_by_macros}"
}

functions "${1:-$(vmlinux --unpatched)}" >"$work/before"
functions "${2:-$(vmlinux)}" >"$work/after"
unpack
join -a 1 -a 2 -e 0 -o 0,1.2,2.2 "$work/before" "$work/after" | awk '$2 != $3' |
	while read -r name before after; do
		echo "$(file_of "$name") $name $before $after"
	done | sort >"$work/changed"
awk '
	function line(text, before, after) {
		printf "%-58s %9d %8d %+8d\n", text, before, after, after - before
	}
	BEGIN { printf "%-58s %9s %8s %8s\n", "instructions of text", "unpatched", "patched", "more" }
	FNR == NR { before[$1] += $3; after[$1] += $4; next }
	$1 != file { file = $1; line(file, before[file], after[file]) }
	{ line("    " $2, $3, $4); all += $4 - $3 }
	END { printf "%-58s %9s %8s %+8d\n", "all", "", "", all }' "$work/changed" "$work/changed"
