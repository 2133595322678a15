#!/bin/sh
# hold.sh VALUE COMMAND...: keeps stamping on with nothing attached while a command
# runs. VALUE, of the module parameter kvm.ws_hold: 1 plain, 3 synchronised.
set -eu
hold=/sys/module/kvm/parameters/ws_hold
[ -w $hold ] || {
	echo "this kernel has no $hold" >&2
	exit 126
}
echo "$1" >$hold
shift
status=0
"$@" || status=$?
echo 0 >$hold
exit $status
