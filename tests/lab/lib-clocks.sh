# Sourced behind lib.sh by the tests of --clock cycles, under icount, where an instruction
# is one tick and one cycle.
# shellcheck shell=sh disable=SC2154

# compare_clocks TRACE: sets exits, exits_cycled (those that have cycles), lengths (those in
# both clocks) and differ (of which not as long in one as in the other).
#
# A stamp reads the cycle counter three instructions after the generic one, so a length is
# the same in both. At the vector it is four, where no register is left for the mode, which
# is loaded once more: the first stage is one cycle shorter, and by exactly one.
compare_clocks() {
	babeltrace2 "$1" | awk '
		/ exit: \{/ {
			exits++
			delete ticks
			fields = split($0, field, /[{},]/)
			for (i = 1; i <= fields; i++)
				if (split(field[i], pair, " = ") == 2) {
					gsub(/ /, "", pair[1])
					ticks[pair[1]] = pair[2]
				}
			before = lengths
			for (name in ticks)
				if (sub(/_cycles$/, "", name)) {
					lengths++
					shorter = name == "sr_save_gp_guest"
					differ += ticks[name "_cycles"] + shorter != ticks[name]
				}
			cycled += lengths > before
		}
		END { print exits + 0, cycled + 0, lengths + 0, differ + 0 }' >"$share/clocks"
	read -r exits exits_cycled lengths differ <"$share/clocks"
}

# few_differ NAME: the other CPU's turn may come between the reads of the two: then two
# lengths differ.
few_differ() {
	expect_true "$1: of $lengths lengths in both clocks, not as long" "$differ * 10000 < $lengths"
}
