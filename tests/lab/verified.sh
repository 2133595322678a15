#!/bin/sh
# Every BPF object loads where the kernel has the types for it, on both kernel
# series and on Debian's own kernel, with less than 100,000 verified instructions
# a program.
. "$(dirname "$0")/lib.sh"
ln -f "$O/arm64/verified" "$share/"

# check WHAT OBJECTS OPTION...
check() {
	what=$1 objects=$2
	shift 2
	lab --time-limit 200 "$@" -- ./verified >"$share/out" || {
		cat "$share/out"
		fail "$what"
	}
	for object in $objects; do
		most=$(awk -v object="$object" '$1 == object && $3 > most { most = $3 } END { print most + 0 }' \
			"$share/out")
		expect_true "$what: $object, most instructions" "$most > 0 && $most < 100000"
	done
	sed -n 's/^SKIP/not there:/p' "$share/out"
}

check 'series for 6.12' 'patched stock'
check 'series for 6.1' 'patched stock' --kernel 6.1
check "Debian's arm64 kernel" stock --stock
