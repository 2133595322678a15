#!/bin/sh
# Under icount with one vCPU, two boots give equal medians for every account;
# split mode saves and restores more than VHE, and the accounts say where.
. "$(dirname "$0")/lib.sh"

medians() {
	rm -rf "$share/trace-$1-$2"
	lab --mode "$1" --icount -- taskset -c 0 ./hyptrace record --mem-ring 32M -o "trace-$1-$2" -- ./hyptrace-vmm \
		--cpu 1 guest mmio=3000 hypercall=7000 >/dev/null 2>&1 || fail "$1: recording"
	"$O/hyptrace" report --json "$share/trace-$1-$2" >"$share/$1-$2.json" || fail "$1: report"
	jq -r '.ledger.groups | to_entries[] | .key as $group | (.value.accounts // {}) | to_entries[] |
		select(.value != null and .value.count > 100) | "\($group) \(.key) \(.value.p50)"' "$share/$1-$2.json" \
		>"$share/$1-$2.medians"
	[ "$(wc -l <"$share/$1-$2.medians")" -gt 20 ] || fail "$1: too few accounts"
}

# Instructions of save and restore that a typical exit pays.
save_restore() {
	jq '.exits.total as $exits | [.ledger.groups.save_restore.accounts[] | select(. != null) |
		select(.count > $exits / 2) | .p50] | add' "$share/$1-1.json"
}

for mode in nvhe vhe; do
	medians $mode 1
	medians $mode 2
	diff "$share/$mode-1.medians" "$share/$mode-2.medians" || fail "$mode: medians differ between boots"
	echo "ok: $mode: $(wc -l <"$share/$mode-1.medians") medians equal in two boots"
done
expect_true "save and restore of a hypercall, instructions, nVHE > VHE" \
	"$(save_restore nvhe) > $(save_restore vhe)"
"$O/hyptrace" report "$share/trace-nvhe-1" "$share/trace-vhe-1" >"$share/both" || fail "report of two traces"
grep -q 'EL1 system registers' "$share/both" || fail "the report does not show the accounts"
cat "$share/both"
