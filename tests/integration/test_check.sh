#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What check says of this machine, and of what it is made to look like in a mount
# name space of its own; as root and as nobody.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${O:-build}
failures=0

for tool in jq unshare setpriv; do
	command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] && unshare -m true || { echo 'SKIP: a mount name space needs root'; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; kill $pids 2>/dev/null' EXIT
pids=
chmod 755 "$work"
cp "$build/hyptrace" "$build/tests/integration/getppid_loop" "$work/"
hyptrace=$work/hyptrace

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# expect WHAT GOT WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

# found NAME STATE PATTERN: what the last look says of NAME.
found() {
	expect "$1" "$(jq -r ".checks[] | select(.name == \"$1\") | .state" "$work/json")" "$2"
	jq -r ".checks[] | select(.name == \"$1\") | .text + \"; \" + (.remedy // \"nothing\")" "$work/json" |
		grep -Eq "$3" || fail "$1: $(jq -c ".checks[] | select(.name == \"$1\")" "$work/json")"
}

nobody='setpriv --reuid 65534 --clear-groups'

# in_place COMMANDS [USER]: looks after these commands in a mount name space.
in_place() {
	unshare -m sh -c "$1; exec ${2:-} $hyptrace check --json" >"$work/json" 2>"$work/err"
	status=$?
}

is_one_screen() {
	"$hyptrace" check >"$work/text"
	expect 'the status' $? "$("$hyptrace" check --json | jq 'if .can_record then 0 else 1 end')"
	[ "$(wc -l <"$work/text")" -le 24 ] || fail "$(wc -l <"$work/text") lines"
	[ "$(wc -L <"$work/text")" -le 80 ] || fail "$(wc -L <"$work/text") columns"
	$nobody "$hyptrace" check >"$work/text"
	[ "$(wc -L <"$work/text")" -le 80 ] || fail "as nobody: $(wc -L <"$work/text") columns"
	expect 'rows' "$(grep -Ec '^[a-z]+ +(good|reduced|missing) +[^ ]' "$work/text")" \
		"$("$hyptrace" check --json | jq '.checks | length')"
	for name in $("$hyptrace" check --json | jq -r '.checks[].name'); do
		grep -q "^\.It Cm $name\$" man/hyptrace-check.1 || fail "the page lacks $name"
	done
}

as_nobody() {
	in_place true "$nobody"
	expect 'nobody: status' "$status" 1
	expect 'nobody: standard error' "$(cat "$work/err")" ''
	found privileges missing 'CAP_BPF .* and CAP_PERFMON .*sudo'
	found scheduling reduced 'CAP_SYS_NICE'
	in_place true "$nobody --inh-caps +perfmon --ambient-caps +perfmon"
	found privileges missing 'no CAP_BPF \(to load BPF programs\); '
}

kernels() {
	in_place 'mount -t tmpfs none /sys/kernel/btf'
	found btf missing 'No such file.*CONFIG_DEBUG_INFO_BTF'
	found tier missing "without the kernel's types"
	expect 'no BTF: status' "$status" 1
	security='mount -t tmpfs none /sys/kernel/security; echo'
	[ -d /sys/kernel/security ] || security="mount -t tmpfs none /sys/kernel; mkdir /sys/kernel/security; echo"
	in_place "$security 'none integrity [confidentiality]' >/sys/kernel/security/lockdown"
	found lockdown missing 'confidentiality; .*lockdown=integrity'
	found privileges missing 'locked down for confidentiality; boot'
	in_place "$security 'none [integrity] confidentiality' >/sys/kernel/security/lockdown"
	found lockdown good 'integrity; nothing'
	in_place 'mount -t tmpfs none /dev; mknod /dev/kvm c 1 3; chmod 600 /dev/kvm' "$nobody"
	found kvm reduced 'may not open /dev/kvm; .*group'
	in_place 'mount -t tmpfs none /dev'
	found kvm missing 'no /dev/kvm; load'
	in_place 'mount -t tmpfs none /sys/devices/system/clocksource
		mkdir /sys/devices/system/clocksource/clocksource0
		echo hpet >/sys/devices/system/clocksource/clocksource0/current_clocksource'
	found clock reduced 'hpet; .*available_clocksource'
}

# An outermost user name space's map is whole, as here.
a_container() {
	unshare -Ur "$hyptrace" check --json >"$work/json" 2>"$work/err" || :
	found privileges missing 'user namespace.*on the host'
}

# governors A B: what CPU 0 and 1 have.
governors() {
	in_place "cd /; mount -t tmpfs none /sys/devices/system/cpu && cd /sys/devices/system/cpu &&
		echo 0-1 >possible && mkdir -p cpu0/cpufreq cpu1/cpufreq &&
		echo $1 >cpu0/cpufreq/scaling_governor && echo $2 >cpu1/cpufreq/scaling_governor"
}

cpus() {
	governors performance performance
	found governor good performance
	if [ "$(getconf _NPROCESSORS_CONF)" -ge 2 ]; then
		governors performance powersave
		found governor reduced 'powersave on 1 of 2 CPUs.*cpupower'
	fi
	in_place 'mount -t tmpfs none /sys/devices/system/cpu; echo 0-1023 >/sys/devices/system/cpu/possible'
	found rings reduced '1024 CPUs.*lost'
	in_place 'PATH=/nowhere'
	found lttng missing 'install lttng-tools'
}

# Also what no tool of LTTng's tells of.
vmm_side() {
	command -v lttng-sessiond >/dev/null || return 0
	in_place true
	found lttng missing 'no hyptrace-ust-session: .*make install'
	cp "$build"/hyptrace-ust-session "$build"/hyptrace-ust.so "$work/"
	in_place true
	found lttng missing 'no hyptrace-preload.so: '
	cp "$build"/hyptrace-preload.so "$work/"
	in_place true
	found lttng good 'lttng-sessiond'
	sed 's/liblttng-ctl[.]so[.]0/liblttng-ctl.so.9/' "$build"/hyptrace-ust-session >"$work"/hyptrace-ust-session
	in_place true
	found lttng missing 'no liblttng-ctl.so.9: .*install liblttng-ctl0 and liblttng-ust1'
	cp "$build"/hyptrace-ust-session "$work/"
	sed 's/liblttng-ust[.]so[.]1/liblttng-ust.so.9/' "$build"/hyptrace-ust.so >"$work"/hyptrace-ust.so
	in_place true
	found lttng missing 'no liblttng-ust.so.9: '
	echo 'no program' >"$work"/hyptrace-ust-session
	in_place true
	found lttng missing 'hyptrace-ust-session does not run'
}

# By the name of its thread, which is the program's here.
pinning() {
	cp "$work/getppid_loop" "$work/fc_vcpu 0"
	in_place true
	[ -z "$(pgrep vcpu)" ] && found pinning good 'no vCPU runs'
	"$work/fc_vcpu 0" 1 10000 20000 >/dev/null &
	pids=$!
	sleep 0.3
	in_place true
	found pinning reduced "0 of 1 .*taskset -cp CPU $pids"
	taskset -cp 0 $pids >/dev/null
	in_place true
	found pinning good '1 of 1 '
	kill $pids
	pids=
}

# refused STATUS PATTERN ARGUMENT...
refused() {
	wanted=$1 pattern=$2
	shift 2
	"$hyptrace" check "$@" >"$work/out" 2>"$work/err"
	expect "check $*: status" $? "$wanted"
	grep -Eq -e "$pattern" "$work/err" || fail "check $*: $(cat "$work/err")"
}

is_one_screen
as_nobody
kernels
a_container
vmm_side
cpus
pinning
refused 2 "takes no words, and 'all' is one" all
refused 2 "'--frobnicate'" --frobnicate
"$hyptrace" check >/dev/full 2>"$work/err"
expect 'a full disk: status' $? 1
grep -q 'cannot write what was found: No space' "$work/err" || fail "a full disk: $(cat "$work/err")"
[ "$failures" = 0 ] && echo 'PASS: check'
exit $((failures > 0))
