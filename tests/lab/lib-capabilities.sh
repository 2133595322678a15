# Sourced behind lib.sh by the tests of capabilities: what they ask inside, in
# $share/capabilities, and of what that leaves in $share.
# shellcheck shell=sh

cat >"$share/capabilities" <<'INSIDE'
umount -l /sys/kernel/tracing /sys/kernel/debug 2>/dev/null
chmod 666 /dev/kvm
mkdir -m 777 /tmp/work
cp hyptrace hyptrace-vmm guest /tmp/work
cd /tmp/work || exit 1

# with CAPABILITIES COMMAND...: as nobody, with exactly these.
with() {
	all=-all${1:+,$1}
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set "$all" \
		--inh-caps "$all" --ambient-caps "$all" "$@"
}

# enough CAPABILITIES VMM...: they record into trace what it does, and stat counts it.
# Beside them, the capabilities of COMMAND and of each of the recorder's threads.
enough() {
	capabilities=$1
	shift
	with "$capabilities" ./hyptrace record --mem-ring 32M -o trace -- sh -c '
		cat /proc/$PPID/task/*/status >recorder
		cat /proc/self/status >command
		exec "$@" >/dev/null' sh "$@" || exit 2
	cp truth /share/
	with "$capabilities" ./hyptrace stat --json -- sh -c 'exec "$@" >/dev/null' sh "$@" >stat.json || exit 3
	cp truth /share/truth-stat
	find trace -printf '%m %U\n' | sort -u >owners
	cp stat.json recorder command owners /share/
}

# lacks CAPABILITIES: what record says, and its status.
lacks() {
	with "$1" ./hyptrace record -o lacks -- touch ran 2>"/share/lacks-$1"
	echo $? >>"/share/lacks-$1"
	[ ! -e lacks ] && [ ! -e ran ] || exit 4
}
INSIDE

# held FILE: the sets of capabilities that may do anything.
held() {
	sed -n 's/^Cap\(Prm\|Eff\|Amb\):[[:space:]]*//p' "$1" | sort -u
}

# recorded NAME: whose trace it is, and what was left of the capabilities.
recorded() {
	expect "$1: the trace is his" "$(tr '\n' ' ' <"$share/owners")" '600 65534 700 65534 '
	expect "$1: the recorder's capabilities" "$(held "$share/recorder")" 0000000000000000
	expect "$1: COMMAND's capabilities" "$(held "$share/command")" 0000000000000000
}

# refused NAME CAPABILITIES MISSING...: those are named, and no others.
refused() {
	name=$1 file=$share/lacks-$2
	shift 2
	expect "$name: with ${file##*lacks-}: status" "$(tail -n 1 "$file")" 1
	expect "$name: with ${file##*lacks-}: what is missing" \
		"$(grep -o 'CAP_[A-Z_]*' "$file" | tr '\n' ' ')" "$* "
}
