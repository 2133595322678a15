#!/bin/sh
# A vCPU that gives no record for seconds: the totals book what it is about as it
# goes on. A guest that spins, one in WFI, one stopped in the VMM: in each interval
# the accounts sum to the time that passed, nearly all of it in one account.
. "$(dirname "$0")/lib.sh"

# watched NAME GUEST-WORD...: what stat says of each second while the guest does that
watched() {
	name=$1
	shift
	cat >"$share/$name.sh" <<-END
		./hyptrace-vmm --cpu 1 guest $* >/dev/null 2>&1 & vmm=\$!
		[ $name != stopped ] || { sleep 1; kill -STOP \$vmm; }
		sleep 7
		kill -9 \$vmm
	END
	lab --time-limit 120 -- sh -c "./hyptrace stat -I 1000 --json -- sh $name.sh >$name.json 2>$name.err" ||
		fail "$name: stat: $(cat "$share/$name.err")"
}

# mostly NAME FILTER: the filter picks the account out of a ledger
mostly() {
	# The first two hold the begin; the one printed at the end may be a short one.
	jq -s '.[2:-1]' "$share/$1.json" >"$share/$1.whole"
	expect_true "$1: whole intervals" "$(jq length "$share/$1.whole") >= 4"
	expect_true "$1: the least wall time of an interval" \
		"$(jq '[.[].ledger.wall_ns] | min' "$share/$1.whole") > 500000000"
	expect_true "$1: the most unattributed, per cent" "$(jq '[.[].ledger |
		100 * (.groups.unattributed.ns | fabs) / .wall_ns] | max' "$share/$1.whole") < 1"
	expect_true "$1: the least of $2, per cent" "$(jq "[.[].ledger |
		100 * (.groups$2.ns // 0) / .wall_ns] | min" "$share/$1.whole") > 50"
}

watched spin noop=4000000000 noop=4000000000
mostly spin .guest
watched wfi wfi_us=60000000 wfi=1
mostly wfi .host.accounts.blocked
watched stopped wfi_us=100 wfi=100000000
mostly stopped .io_emulation.accounts.user
