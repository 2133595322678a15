#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What `hyptrace report` prints of fixed traces, in every form. `--update`
# writes the expected files instead of comparing.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C
build=$(cd "${O:-build}" && pwd) || exit 1
hyptrace=$build/hyptrace
samples=$build/tests/golden/report_samples
classes=$build/tests/golden/report_classes
vmm=$build/tests/golden/report_vmm
expected=$PWD/tests/golden
page=$PWD/man/hyptrace-report.1
failures=0
update=${1:-}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# same NAME: $work/NAME is what is expected.
same() {
	if [ "$update" = --update ]; then
		cp "$1" "$expected/$1"
	elif ! diff -u "$expected/$1" "$1"; then
		fail "$1 differs"
	fi
}

# same_text FILE TEXT
same_text() {
	[ "$(cat "$1")" = "$2" ] || fail "$1: $(cat "$1")"
}

# prints NAME ARGUMENT...: standard output is as expected, standard error empty.
prints() {
	name=$1
	shift
	"$hyptrace" report "$@" >"$name" 2>err || fail "$name: status $?"
	[ ! -s err ] || fail "$name: $(cat err)"
	same "$name"
}

# refuses STATUS PATTERN ARGUMENT...: nothing on standard output, one sentence.
refuses() {
	status=$1 pattern=$2
	shift 2
	"$hyptrace" report "$@" >out 2>err
	found=$?
	[ $found -eq "$status" ] || fail "report $*: status $found, not $status"
	[ ! -s out ] || fail "report $*: printed something"
	[ "$(wc -l <err)" -eq 1 ] || fail "report $*: not one line: $(cat err)"
	grep -q "^hyptrace: .*$pattern" err || fail "report $*: $(cat err)"
}

for name in nvhe vhe fallback icount many wide devices cut foreign unnamed; do
	"$samples" $name $name || fail "report_samples $name"
	if command -v babeltrace2 >/dev/null; then
		babeltrace2 $name >text 2>err || fail "babeltrace2 does not read $name"
		grep -v 'WARNING: Tracer discarded 3 events' err && fail "babeltrace2 warns of $name"
		[ -s text ] || fail "babeltrace2 finds nothing in $name"
	fi
done

for name in nvhe vhe icount slow; do
	"$classes" classes_$name classes_$name || fail "report_classes $name"
	if command -v babeltrace2 >/dev/null; then
		babeltrace2 classes_$name >text 2>err || fail "babeltrace2 does not read classes_$name"
		[ ! -s err ] || fail "babeltrace2 on classes_$name: $(cat err)"
	fi
done

for tier in stock svm generic; do
	"$build/tests/golden/report_tiers" $tier $tier || fail "report_tiers $tier"
	prints report_$tier.txt $tier
	"$hyptrace" report --json $tier | jq '{host, merged, merged_into, exits, groups: .ledger.groups,
		reasons, devices}' >report_$tier.json || fail "$tier: JSON"
	same report_$tier.json
done

# Read with the VMM's trace and without; babeltrace2 takes both at once.
for name in joined offset other_boot cut silent without; do
	"$vmm" $name vmm_$name || fail "report_vmm $name"
done
if command -v babeltrace2 >/dev/null; then
	for traces in vmm_joined 'vmm_joined vmm_joined/ust'; do
		babeltrace2 $traces >text 2>err || fail "babeltrace2 does not read $traces"
		[ ! -s err ] || fail "babeltrace2 on $traces: $(cat err)"
		echo "$traces: $(wc -l <text)" >>events
	done
	same_text events 'vmm_joined: 6
vmm_joined vmm_joined/ust: 11'
fi

prints report_vmm.txt vmm_joined
prints report_vmm_device.txt --by device vmm_joined
prints report_vmm.json --json vmm_joined
# An offset between the clocks' times of day changes nothing.
"$hyptrace" report vmm_offset | sed 's/vmm_offset/vmm_joined/' >report_vmm.txt
same report_vmm.txt
for name in other_boot cut silent without; do
	"$hyptrace" report vmm_$name | sed -n '/^VMM  /,/^exits/p'
done >report_vmm_why.txt
same report_vmm_why.txt

prints report_nvhe.txt nvhe
prints report_nvhe.json nvhe --json
prints report_reason.txt --by reason nvhe
prints report_group.txt --by group nvhe
prints report_vcpu.txt nvhe --by vcpu
prints report_device.txt --by=device nvhe
prints report_devices.txt --by=device devices
"$hyptrace" report --json devices | jq .devices >report_devices.json || fail 'JSON of devices'
same report_devices.json
printf '0x9000000-0x9000fff the board'"'"'s UART\n0xa000000+0x10000 others\n' >map
prints report_devices_file.txt --devices map --by device devices
prints report_raw.txt --raw --by account nvhe
prints report_wall.txt nvhe --wall 2000000 --by account
prints report_short.txt nvhe --wall 1000000 --by vcpu
prints report_icount.txt icount
prints report_icount.json --json icount
prints report_wide.txt wide
prints report_many.txt many
prints report_cut.txt cut
prints report_two.txt nvhe vhe
prints report_two_reason.txt nvhe --by reason vhe
prints report_full.txt classes_nvhe
prints report_full.json classes_nvhe --json
prints report_full_icount.txt classes_icount
prints report_class.txt classes_nvhe --by class
prints report_class_old.txt nvhe --by class
prints report_class_raw.txt classes_nvhe --by class --raw
prints report_class_cycles.txt classes_nvhe --by class --unit cycles
prints report_class_vhe.txt classes_vhe --by class --unit time
prints report_class_icount.txt classes_icount --by class
prints report_class_two.txt --by class classes_nvhe classes_vhe
prints report_class_two_cycles.txt --by class classes_nvhe classes_slow --unit cycles

[ "$("$hyptrace" report --by reason many | grep -c MMIO)" -eq 30 ] || fail '--by reason cuts'
[ "$("$hyptrace" report --by device many | grep -c ' user ')" -eq 25 ] || fail '--by device cuts'

# A class for all stages is another way to store the same records.
"$hyptrace" report --json fallback >a.json
"$hyptrace" report --json vhe >b.json
cmp a.json b.json || fail 'the class with all stages reads differently'

# No line is wider than a terminal, none ends in spaces.
awk 'length > 80 { print FILENAME ": " $0; bad = 1 } / $/ { print FILENAME ": " $0 "|"; bad = 1 }
	END { exit bad }' report_*.txt || fail 'a line is too wide or ends in spaces'

refuses 2 'name one trace directory'
refuses 2 'name one trace directory' nvhe vhe cut
refuses 2 "no table 'colour'" nvhe --by colour
refuses 2 'leave --raw and --by out' nvhe --json --raw
refuses 2 'one of them' nvhe --raw --wall 5
refuses 2 'a whole number' nvhe --wall soon
refuses 2 'for one trace' nvhe vhe --json
refuses 2 'not by device' nvhe vhe --by device
refuses 2 'compare traces of one kind' nvhe icount
refuses 2 'compare traces of one kind' classes_nvhe --raw classes_icount
refuses 2 'compare traces of one kind' --by class classes_icount classes_vhe
refuses 2 'leave --raw out' classes_nvhe classes_slow --raw
refuses 2 'has no cycles' classes_vhe --by class --unit cycles
refuses 2 'has no cycles' classes_nvhe classes_vhe --by class --unit cycles
refuses 2 'time or cycles' classes_nvhe --by class --unit furlongs
refuses 2 'is for --by class' classes_nvhe --unit cycles
refuses 2 'is for --by class' classes_nvhe --by reason --unit time
refuses 2 'is for --by class' classes_nvhe --by class --raw --unit time
refuses 1 "cannot read the devices in 'none'" --devices none nvhe
printf '0x1000+0x10 a\n0x1000 b\n' >bad
refuses 2 "'bad', line 2: write 'START-END NAME'" --devices bad nvhe
refuses 1 "cannot open the trace '--json'" -- nvhe --json
refuses 1 'hyptrace did not write it' foreign
refuses 1 'does not name its stages' unnamed
refuses 1 'is not a directory' nvhe/metadata
mkdir empty
refuses 1 'is not a trace' empty

# damaged WHAT COMMAND PATTERN: a copy of a trace that COMMAND spoils is refused.
# libbabeltrace2 2.0.4 leaks 16 bytes when it cannot parse metadata: not ours.
damaged() {
	export ASAN_OPTIONS=detect_leaks=0
	rm -rf spoilt
	cp -r nvhe spoilt
	(cd spoilt && eval "$2") || fail "$1: cannot spoil"
	refuses 1 "$3" spoilt
	unset ASAN_OPTIONS
}
damaged 'cut inside a packet' 'truncate -s -100 exits_0' 'is damaged'
damaged 'a tail of zeros' 'head -c 4096 /dev/zero >>exits_0' 'is damaged'
damaged 'half of the metadata' 'truncate -s 300 metadata' 'is damaged'
damaged 'garbage as metadata' 'head -c 3000 exits_0 >metadata' 'is damaged'
damaged 'no stream' 'rm exits_* vcpus' 'holds no stream'
damaged 'a field gone' 'sed -i "s/u64 begin;/u64 another;/" metadata' "lacks the field 'begin'"

# A full disk is noticed.
if [ -w /dev/full ]; then
	"$hyptrace" report nvhe >/dev/full 2>err && fail 'a full disk is not noticed'
	grep -q 'cannot write' err || fail "a full disk: $(cat err)"
fi

# The usage line is the manual page's synopsis.
if command -v mandoc >/dev/null; then
	mandoc -Tascii -O width=200 "$page" | col -b | sed -n '/^SYNOPSIS/{n;s/^ *//;p;}' >synopsis
	"$hyptrace" report --help | sed -n 's/^usage: //p' >usage
	diff synopsis usage || fail 'the usage line is not the synopsis'
fi

[ $failures -eq 0 ] && echo 'PASS: reports are as expected'
[ $failures -eq 0 ]
