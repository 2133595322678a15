#!/bin/sh
# Test vectors of the ledger: something more to save and restore is given to the
# world switch, and exactly the accounts of tests/lab/vectors.table move, each by
# exactly so many instructions; all others of save/restore, trap handling and
# interrupt delivery stay as they are without it. Counted under icount.
#
# With PRINT=1 prints what moved, as rows for the table, and fails nothing.
. "$(dirname "$0")/lib.sh"
table=tests/lab/vectors.table
modes=${MODES:-nvhe vhe}

# A boot is a mode, or a mode and "-mte" for a host whose memory has tags: there
# the rows of stimulus mte are taken, and no others.
# rows BOOT: STIMULUS OPERATION ACCOUNT DELTA of the table.
rows() {
	awk -v mode="${1%-mte}" -v tags="${1#"${1%-mte}"}" \
		'/^[^#]/ && $3 == mode && ($1 == "mte") == (tags != "") { print $1, $2, $4, $5 + 0 }' $table
}

# Rows whose mode is "-" name what no emulated host can do.
awk '/^[^#]/ && $3 == "-" { $2 = $3 = $4 = $5 = ""; print "not exercised: " $0 }' $table | tr -s ' '

# Stimulus `user` is the operation itself, which user space finishes, against a hypercall.

# record.sh BOOT: all its runs. `pairs` has lines STIMULUS OPERATION.
# shellcheck disable=SC2154
cat >"$share/record.sh" <<'INSIDE'
while read -r stimulus operation; do
	run=$1-$stimulus-$operation with=
	[ "$stimulus" = none ] || with="--with $stimulus"
	# shellcheck disable=SC2086
	taskset -c 0 ./hyptrace record -o "trace-$run" -- ./hyptrace-vmm --cpu 1 --truth "truth-$run" $with \
		guest "$operation=600" >"out-$run" 2>&1 </dev/null || echo "$stimulus" >>"failed-$1"
done <pairs
INSIDE

# medians RUN: ACCOUNT P50 for each account that most exits have.
medians() {
	"$O/hyptrace" report --json "$share/trace-$1" >"$share/$1.json" || fail "report of $1"
	jq -r '.exits.total as $exits | .ledger.groups | to_entries[] |
		select(.key | IN("save_restore", "trap_handling", "interrupt_delivery")) | .key as $group |
		.value.accounts | to_entries[] | select(.value != null and .value.count > $exits / 2) |
		"\($group)/\(.key) \(.value.p50)"' "$share/$1.json" | sort
}

# moved BOOT STIMULUS OPERATION: ACCOUNT DELTA for each that is not as without the
# stimulus; one that most exits lack counts as 0. What $share/wanted has of
# load_traps may be six instructions off: that much a second task costs that happens
# to be runnable on the CPU (single_task_running() in kvm_arch_vcpu_load()).
moved() {
	case $2 in
	user) set -- "$1" none "$3" hypercall ;;
	esac
	medians "$1-none-${4:-$3}" >"$share/before"
	medians "$1-$2-$3" >"$share/after"
	[ "$(wc -l <"$share/before")" -gt 15 ] || fail "$1: $3: too few accounts"
	join -a 1 -a 2 -e 0 -o 0,1.2,2.2 "$share/before" "$share/after" >"$share/both"
	awk 'FILENAME == ARGV[1] { wanted[$1] = $2; next }
		{ delta = $3 - $2; off = delta - wanted[$1] }
		$1 == "save_restore/load_traps" && (off == 6 || off == -6) { delta -= off }
		delta { print $1, delta }' "$share/wanted" "$share/both"
}

# print_rows BOOT STIMULUS OPERATION: $share/got as rows, with the table's explanations.
print_rows() {
	awk -v mode="${1%-mte}" -v stimulus="$2" -v operation="$3" '
		FILENAME == ARGV[1] && $1 == stimulus && $2 == operation && $3 == mode {
			account = $4
			for (column = 1; column <= 5; column++) # mawk knows no "{5}"
				sub(/^[^ ]+ +/, "")
			why[account] = $0
		}
		FILENAME == ARGV[2] {
			printf "%-9s %-9s %-4s %-34s %+5d  %s\n", stimulus, operation, mode, $1, $2, why[$1]
		}' $table "$share/got"
}

# compare BOOT STIMULUS OPERATION
compare() {
	rows "$1" | awk -v stimulus="$2" -v operation="$3" \
		'$1 == stimulus && $2 == operation && $3 != "none" { print $3, $4 }' | sort >"$share/wanted"
	moved "$@" >"$share/got"
	if [ -n "${PRINT:-}" ]; then
		print_rows "$@"
		return
	fi
	diff "$share/wanted" "$share/got" >"$share/difference" ||
		fail "$1: $2, $3: accounts that should move (<) and that did (>):
$(cat "$share/difference")"
	echo "ok: $1: $2, $3: $(wc -l <"$share/got") accounts move, $(join -v 1 "$share/before" "$share/got" |
		wc -l) do not"
}

# boot BOOT LAB-OPTION...
boot() {
	boot=$1
	shift
	rows "$boot" | cut -d ' ' -f 1-2 | sort -u >"$share/stimuli"
	[ -s "$share/stimuli" ] || fail "$boot: no rows"
	{
		echo 'none hypercall'
		sed 's/.* /none /' "$share/stimuli"
		grep -v '^user ' "$share/stimuli"
	} | sort -u >"$share/pairs"
	lab "$@" --icount -- sh record.sh "$boot" || fail "$boot: the lab"
	while read -r stimulus operation; do
		run=$boot-$stimulus-$operation
		if ! grep -qx "$stimulus" "$share/failed-$boot" 2>/dev/null; then
			compare "$boot" "$stimulus" "$operation"
		elif grep -q 'does not offer' "$share/out-$run"; then
			echo "not exercised: $boot: $stimulus: $(sed -n 's/^hyptrace-vmm: //p' "$share/out-$run")"
		else
			fail "$run: $(cat "$share/out-$run")"
		fi
	done <"$share/stimuli"
}

for mode in $modes; do
	boot "$mode" --mode "$mode"
	boot "$mode-mte" --mode "$mode" --mte
done
