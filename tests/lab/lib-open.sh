# Sourced behind lib.sh by the tests of open intervals: a vCPU that gives no record for
# seconds, whose totals book what it is about as it goes on.
# shellcheck shell=sh

# watched NAME STAT-OPTIONS GUEST-WORD...: what stat says of each second while the guest
# does that, on the lab's host with the options in $host. A NAME in stopped* is one whose
# VMM stops.
watched() {
	name=$1 options=$2
	shift 2
	cat >"$share/$name.sh" <<-END
		./hyptrace-vmm --cpu 1 guest $* >/dev/null 2>&1 & vmm=\$!
		case $name in stopped*) sleep 1; kill -STOP \$vmm ;; esac
		sleep \${1:-7}
		kill -9 \$vmm
	END
	# shellcheck disable=SC2086 # words
	lab --time-limit 120 ${host:-} -- sh -c "
		./hyptrace stat $options -I 1000 --json -- sh $name.sh >$name.json 2>$name.err" ||
		fail "$name: stat: $(cat "$share/$name.err")"
}

# mostly NAME TIER FILTER: in each interval the accounts sum to the time that passed,
# nearly all of it in the account or group that the filter picks out of a ledger.
mostly() {
	# The first two hold the begin; the one printed at the end may be a short one.
	jq -s '.[2:-1]' "$share/$1.json" >"$share/$1.whole"
	expect "$1: tier" "$(jq -r '.[0].host.tier' "$share/$1.whole")" "$2"
	expect_true "$1: whole intervals" "$(jq length "$share/$1.whole") >= 4"
	expect_true "$1: the least wall time of an interval" \
		"$(jq '[.[].ledger.wall_ns] | min' "$share/$1.whole") > 500000000"
	expect_true "$1: the most unattributed, per cent" "$(jq '[.[].ledger |
		100 * (.groups.unattributed.ns | fabs) / .wall_ns] | max' "$share/$1.whole") < 1"
	expect_true "$1: the least of $3, per cent" "$(jq "[.[].ledger |
		100 * (.groups$3.ns // 0) / .wall_ns] | min" "$share/$1.whole") > 50"
}
