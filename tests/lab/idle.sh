#!/bin/sh
# Nothing attached: what does a patched kernel cost? At most 16 instructions a
# hypercall, and the world switch's text gained NOPs only.
. "$(dirname "$0")/lib.sh"

objdump=aarch64-linux-gnu-objdump
command -v $objdump >/dev/null || skip "$objdump is missing: run 'make deps'"

# Instructions per hypercall, as the guest counts them.
per_hypercall() {
	lab --icount "$@" -- ./hyptrace-vmm --cpu 1 guest hypercall=1000 2>/dev/null |
		sed -n 's/^op=hypercall .*\<per=\([0-9.]*\).*/\1/p'
}

# One function's instructions without what only tells where things lie:
# addresses, immediates, offsets within structures.
text_of() {
	$objdump -d --no-show-raw-insn --disassemble="$2" "$1" | awk '/^ *[0-9a-f]+:/ {
		$1 = ""
		gsub(/[0-9a-f]+ <[^>]*>/, "ADDRESS")
		gsub(/#-?(0x)?[0-9a-f]+/, "#N")
		gsub(/ *\/\/.*/, "")
		print
	}'
}

# Same text, but for NOPs that were added and code behind the function's end.
gained_only_nops() {
	text_of "$unpatched" "$1" >"$share/before" || fail "no $1 in the unpatched kernel"
	text_of "$patched" "$1" >"$share/after" || fail "no $1 in the patched kernel"
	[ -s "$share/before" ] || fail "no text of $1"
	changes=$(diff "$share/before" "$share/after" | grep '^[<>]' | sort | uniq -c | tr -s ' ')
	case $changes in
	'') echo "ok: $1: unchanged" ;;
	' 1 > nop') echo "ok: $1: gained one NOP" ;;
	*) fail "$1 changed: $changes" ;;
	esac
}

patched=$(kernel_file vmlinux) || fail "no patched kernel"
unpatched=$(kernel_file vmlinux --unpatched) || fail "no unpatched kernel"

for function in __kvm_nvhe_handle_trap __kvm_nvhe_handle___kvm_vcpu_run \
	__kvm_nvhe___kvm_vcpu_run __kvm_nvhe___guest_enter __kvm_nvhe___guest_exit \
	kvm_arm_vcpu_enter_exit __kvm_vcpu_run __kvm_vcpu_run_vhe __guest_enter __guest_exit; do
	gained_only_nops $function
done

for mode in nvhe vhe; do
	before=$(per_hypercall --mode $mode --unpatched)
	after=$(per_hypercall --mode $mode)
	[ -n "$before" ] && [ -n "$after" ] || fail "$mode: the guest printed nothing"
	expect_true "$mode: a hypercall costs $before instructions unpatched, $after patched and idle" \
		"$after - $before <= 16"
done
