# Sourced behind lib.sh by the tests of tiers below the patched one: what they ask of the
# report in $json.
# shellcheck shell=sh disable=SC2154

# count FILTER: exits of the reasons that a jq filter selects.
count() {
	jq "[.reasons[] | select($1) | .count] | add // 0" "$json"
}

# whole NAME: nothing is missing, and what such a tier cannot tell is said to be unknown.
whole() {
	for what in lost clamped torn incomplete impossible; do
		expect "$1: $what" "$(jq ".exits.$what" "$json")" 0
	done
	for what in el2_only never_entered; do
		expect "$1: $what, which is not known" "$(jq ".exits.$what" "$json")" null
	done
}
