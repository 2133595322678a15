#!/bin/sh
# x86 tier: Debian's own kernel with SVM. On the counted guest every exit is
# counted, by reason, port and address; what the tier cannot tell is named.
arch=x86
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-x86.sh

for version in 6.12 6.1; do
	lab --time-limit 300 --kernel $version -- sh -c "
		./hyptrace record --mem-ring 32M -o trace-$version -- \
			./hyptrace-vmm --cpu 1 --truth truth guest $work || exit 1
		./hyptrace stat --json -- ./hyptrace-vmm --cpu 1 --truth truth-stat guest $work >stat.json" ||
		fail "$version: status $?"
	json=$share/report.json truth=$share/truth
	"$O/hyptrace" report --json "$share/trace-$version" >"$json" || fail "$version: report"
	counted "$version, recorded"
	expect "$version: unattributed" "$(jq .ledger.groups.unattributed.ns "$json")" 0
	"$O/hyptrace" report "$share/trace-$version" | sed -n '1,/^wall/p'
	json=$share/stat.json truth=$share/truth-stat
	counted "$version, stat"
	babeltrace2 "$share/trace-$version" >/dev/null 2>"$share/warnings" || fail "$version: babeltrace2"
	[ ! -s "$share/warnings" ] || fail "babeltrace2 warns: $(head -n 3 "$share/warnings")"
done
