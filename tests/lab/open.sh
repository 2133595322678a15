#!/bin/sh
# A vCPU that gives no record for seconds: the totals book what it is about as it
# goes on. A guest that spins, one in WFI, one stopped in the VMM: in each interval
# the accounts sum to the time that passed, nearly all of it in one account. On a
# kernel with the series, and on one without.
. "$(dirname "$0")/lib.sh"
. tests/lab/lib-open.sh

# Some 5 s each where the host is fast; it must spin for 18 s and more.
spins=$(yes noop=4000000000 | head -n 12)
for tier in patched stock; do
	host=
	[ $tier = patched ] || host=--unpatched
	# shellcheck disable=SC2086 # words
	watched spin-$tier '' $spins
	mostly spin-$tier $tier .guest
	watched wfi-$tier '' wfi_us=60000000 wfi=1
	mostly wfi-$tier $tier .host.accounts.blocked
	watched stopped-$tier '' wfi_us=100 wfi=100000000
	mostly stopped-$tier $tier .io_emulation.accounts.user
done

# What the dashboard's text says of the vCPU, in two screens that are saved six seconds apart.
cat >"$share/watch.sh" <<'END'
#!/bin/sh
# watch.sh NAME: keys come from here, the first one once there is a screen.
keys() {
	while ! grep -q 'vCPU 0' screen 2>/dev/null; do sleep 0.2; done
	for key in w w; do
		sleep 6
		printf $key
	done
	sleep 2
	printf q
}
share=$PWD
mkdir "saved-$1"
cd "saved-$1" || exit 1
keys | script -qefc "stty cols 140 rows 40; TERM=vt100 LC_ALL=C XDG_CONFIG_HOME=/tmp \
	$share/hyptrace live -- sh -c 'cd $share && sh ./$1.sh 18'" screen >/dev/null
END
chmod +x "$share/watch.sh"

# shown NAME PATTERN: what the pattern finds in the two screens, in s, has grown
shown() {
	lab --time-limit 180 -- ./watch.sh "$1" || fail "$1: live: $(cat "$share/saved-$1/screen")"
	times=$(cat "$share/saved-$1"/*.txt | sed -n "s/$2/\1/p")
	# shellcheck disable=SC2086 # words
	set -- "$1" $times
	[ $# = 3 ] || fail "$1: is not shown twice: $(cat "$share/saved-$1"/*.txt)"
	expect_true "$1: between two screens, in s" "$3 - $2 > 4"
	expect_true "$1: at last, in s" "$3 > 8"
}

# The host's clock ends each stretch of a guest that spins, so the accounts tell.
shown spin-patched '^  Guest executing  *\([0-9.]*\) s .*'
shown wfi-patched '^ *vCPU 0 .*] \([0-9.]*\) s: Blocked.*$'
shown stopped-patched '^ *vCPU 0 .*] \([0-9.]*\) s: In user space *$'
