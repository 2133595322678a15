# Sourced behind lib.sh by the tests that switch recording off and on. They have
# hypercalls(), which counts what the guest did n times by a report.
# shellcheck shell=sh
n=${COUNT:-2000}

# switched TIER RECORD-OPTIONS WORDS LONG-WORDS: one guest with WORDS while recording is
# on, one while it is off, one when it is on again. Beside them one with LONG-WORDS lives
# all the time, of which nothing is to be counted.
switched() {
	tier=$1
	# shellcheck disable=SC2086 # words
	lab --time-limit 300 ${host:-} -- sh -c "
		vmm() {
			./hyptrace-vmm --cpu \"\$@\" >/dev/null 2>&1
		}
		until_said() {
			until grep -q \"\$1\" $tier.err; do sleep 0.1; done
		}
		./hyptrace record $2 -a --mem-ring 16M -o $tier 2>$tier.err & hyptrace=\$!
		until [ -e $tier/vcpus ]; do sleep 0.1; done
		vmm 0 guest $4 & long=\$!
		sleep 1
		vmm 1 guest $3 || exit 2
		kill -USR2 \$hyptrace; until_said 'recording is off'
		vmm 1 guest $3 || exit 3
		sleep 3
		kill -USR2 \$hyptrace; until_said 'recording is on'
		vmm 1 guest $3 || exit 4
		sleep 1
		kill -INT \$hyptrace; wait \$hyptrace || exit 5
		kill \$long
		exit 0" || fail "$tier: status $?: $(cat "$share/$tier.err")"
	trace=$share/$tier
	"$O/hyptrace" report --json "$trace" >"$trace.json" || fail "$tier: report"
	expect "$tier: tier" "$(jq -r .host.tier "$trace.json")" "$tier"
	expect "$tier: what two of three guests did" "$(hypercalls "$trace")" $((2 * n))
	expect "$tier: lost" "$(jq .exits.lost "$trace.json")" 0
	expect "$tier: records that begin anew" "$(jq .exits.starts "$trace.json")" 1
	expect "$tier: times" "$("$O/hyptrace" report "$trace" | grep -c 'switched off: 1;')" 1
	expect_true "$tier: unattributed, per cent" \
		"$(jq '.ledger | 100 * (.groups.unattributed.ns | fabs) / .wall_ns' "$trace.json") < 1"
}
