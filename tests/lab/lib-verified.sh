# Sourced behind lib.sh by the tests that load every BPF object.
# shellcheck shell=sh disable=SC2154
ln -f "$O/$arch/verified" "$share/"

# check WHAT OBJECTS OPTION...: each loads, with less than 100,000 verified instructions a
# program.
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
