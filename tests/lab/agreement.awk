# Holds the guest's own figures against the host's records.
#
# awk -v offset=TICKS -v eret=N -v irq=N -v trap=N -v hvc=N -f agreement.awk \
#	STAGES TEXT SAMPLES
#
# STAGES has the stages' names, TEXT is what babeltrace2 prints, SAMPLES has the
# guest's lines OPERATION BEGIN END. For each sample prints OPERATION and what is
# left of END - BEGIN once all exits between them are taken out: the host's record
# and the instructions around it that the host says it does not stamp.
# Numbers stay below 2^53, so awk's are exact.

FILENAME == ARGV[1] {
	for (i = 1; i <= NF; i++)
		stage[$i] = 1
	next
}

# A continuation has neither a vector nor an ERET of its own.
function unstamped(line, code, esr)
{
	if (line !~ / exit: \{/)
		return 0
	if (code == 0)
		return eret + irq
	return eret + (toupper(esr) ~ /^0X5A/ ? hvc : trap)
}

FILENAME == ARGV[2] && / (start|exit|continuation): \{/ {
	delete field
	own = 0
	n = split($0, parts, /[ {}]*[,{}][ {}]*/)
	for (i = 1; i <= n; i++) {
		if (split(parts[i], pair, " = ") != 2)
			continue
		field[pair[1]] = pair[2]
		if (pair[1] in stage)
			own += pair[2]
	}
	records++
	begin[records] = field["begin"]
	ticks[records] = own + unstamped($0, field["code"], field["esr"])
	el2_ticks[records] = field["el2_time"]
	el2_count[records] = field["el2_count"]
}

# Samples come in the order of time. What EL2 finished alone is in the record of
# the exit that followed, here the hypercall behind each read of CNTPCT. Where an
# interrupt kept EL2 from going back to the guest, the read's exit is in the record
# of that interrupt, which began at the vector of a trap all the same.
FILENAME == ARGV[3] {
	while (at < records && begin[at + 1] < $2 + offset)
		at++
	rest = $3 - $2
	finished = 0
	for (i = at + 1; i <= records && begin[i] < $3 + offset; i++) {
		rest -= ticks[i]
		finished += el2_count[i]
		if ($1 == "cntpct")
			rest -= el2_ticks[i] + el2_count[i] * (eret + trap)
	}
	if ($1 == "cntpct") {
		rest -= el2_ticks[i] + el2_count[i] * (eret + trap)
		if (!(finished + el2_count[i]))
			rest -= trap - irq
	}
	print $1, rest
}
