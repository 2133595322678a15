#!/bin/sh
# What goes wrong is said in one line that names the thing and the remedy;
# of missing privileges see capabilities.sh.
. "$(dirname "$0")/lib.sh"

# refused WHAT STATUS PATTERN: the last command's status and standard error.
refused() {
	[ "$status" -eq "$2" ] || fail "$1: status $status, expected $2: $(cat "$share/err")"
	[ "$(wc -l <"$share/err")" -eq 1 ] || fail "$1: not one line: $(cat "$share/err")"
	grep -qE "^hyptrace: .*($3)" "$share/err" || fail "$1: $(cat "$share/err")"
	echo "ok: $1: $(cat "$share/err")"
}

attempt() {
	"$@" >"$share/out" 2>"$share/err"
	status=$?
}

hyptrace=$O/hyptrace
mkdir "$share/exists" "$share/empty"
head -c 10000 /dev/urandom >"$share/garbage"
mkdir "$share/broken" && cp "$share/garbage" "$share/broken/metadata"

attempt "$hyptrace" report "$share/none"
refused 'no such trace' 1 'none'
attempt "$hyptrace" report "$share/garbage"
refused 'a file is no trace' 1 'garbage'
attempt "$hyptrace" report "$share/empty"
refused 'an empty folder is no trace' 1 'empty'
attempt "$hyptrace" report "$share/broken"
refused 'garbage as metadata' 1 'broken'
attempt "$hyptrace" record -o "$share/exists" -- true
refused 'the output folder exists' 1 'exists.*-o'
attempt "$hyptrace" recrod
refused 'a mistyped command' 2 'recrod'
attempt "$hyptrace" record --frobnicate
refused 'a mistyped option' 2 'frobnicate'
attempt "$hyptrace" record -p 999999999 -o "$share/t1"
refused 'no such process' 1 '999999999'
if [ "$(id -u)" -eq 0 ]; then
	attempt "$hyptrace" record --tier patched -o "$share/t2" -- true
	refused 'an unpatched kernel' 1 'kernel-patches'
	attempt "$hyptrace" record --tier stock -o "$share/t4" -- true
	refused 'a tier that this kernel does not have' 1 "'stock'.*--tier"
	attempt unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && exec $hyptrace record -o $share/t3 -- true"
	refused 'no BTF' 1 'BTF'
fi
for trace in t1 t2 t3 t4; do
	[ ! -e "$share/$trace" ] || fail "$trace: a trace without a recording was left behind"
done

lab -- sh -c './hyptrace record -o t5 -- ./no-such-command 2>err; echo $? >status; [ ! -e t5 ] || echo left' \
	>"$share/left" || fail "lab"
status=$(cat "$share/status")
refused 'a command that does not exist' 127 'no-such-command'
[ ! -s "$share/left" ] || fail "a trace without a recording was left behind"
lab -- sh -c './hyptrace record -o t6 -- sh -c "exit 7"' 2>/dev/null
expect "the command's status" $? 7
