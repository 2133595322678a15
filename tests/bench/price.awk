# Reads price.rows, then samples: a table an operation, with the median, the
# difference to unpatched and the ratio, three columns a mode; "-" where there is
# no sample: the run has said why.
function median(mode, row, operation,    key, n, i, j, t) {
	key = mode SUBSEP row SUBSEP operation
	n = count[key]
	for (i = 1; i <= n; i++)
		sorted[i] = sample[key, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
			t = sorted[j]
			sorted[j] = sorted[j - 1]
			sorted[j - 1] = t
		}
	return n ? (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2 : -1
}

function cell(mode, row, operation,    value, base) {
	value = median(mode, row, operation)
	base = median(mode, "unpatched", operation)
	if (value < 0)
		return sprintf("%9s %8s %7s", "-", "", "")
	if (base <= 0)
		return sprintf("%9.1f %8s %7s", value, "", "")
	return sprintf("%9.1f %+8.1f %7.3f", value, value - base, value / base)
}

# Says what is to be at most so much, and where it is more.
function bound(mode, what, value, most) {
	printf "%s: %s: %.1f%s\n", mode, what, value,
		(value > most ? ", OVER " most : " (at most " most ")")
	if (value > most)
		over = 1
}

# What one way to trace a hypercall costs more than another, where both were measured.
function bound_more(mode, what, row, than, most,    more, base) {
	more = median(mode, row, "hypercall")
	base = median(mode, than, "hypercall")
	if (more >= 0 && base >= 0)
		bound(mode, what, more - base, most)
}

# What a stamp costs: what the key adds with no consumer, over the stamps executed.
function bound_stamp(mode, row, what, most,    hold, stamps, file) {
	hold = median(mode, row, "hypercall")
	file = folder "/stamps-" mode
	if (hold >= 0 && (getline stamps < file) > 0 && stamps > 0)
		bound(mode, "instructions a " what ", of " stamps " an exit (key on, no consumer - idle)",
			(hold - median(mode, "idle", "hypercall")) / stamps, most)
	close(file)
}

function bounds(mode,    o, idle, base) {
	for (o = 1; o <= operations; o++) {
		idle = median(mode, "idle", operation[o])
		base = median(mode, "unpatched", operation[o])
		if (idle >= 0 && base >= 0)
			bound(mode, "idle, more a " operation[o] " than unpatched", idle - base, 16)
	}
	bound_stamp(mode, "hold", "stamp", 4)
	bound_stamp(mode, "hold_sync", "synchronised stamp", 4 + 1) # the ISB
	bound_more(mode, "totals, more than an empty program", "totals", "empty", 400)
	bound_more(mode, "totals, more than an empty program, both synchronised", "totals_sync", "empty_sync", 400)
	bound_more(mode, "a full record, more than totals", "record", "totals", 350)
	bound_more(mode, "a full record, more than perf record", "record", "perf", 0)
}

/^#/ || !NF { next }
FILENAME ~ /rows$/ { split($0, field, "\t"); names[++rows] = field[1]; label[rows] = field[3]; next }
{
	key = $1 SUBSEP $2 SUBSEP $3
	sample[key, ++count[key]] = $4 + 0
	if (!known[$3]++)
		operation[++operations] = $3
}

function table(operation,    m, r) {
	printf "%-44s", "instructions per " operation
	for (m = 1; m in mode; m++)
		printf "  %9s %8s %7s", mode[m], "more", "ratio"
	print ""
	for (r = 1; r <= rows; r++) {
		printf "%-44s", label[r]
		for (m = 1; m in mode; m++)
			printf "  %s", cell(mode[m], names[r], operation)
		print ""
	}
	print ""
}

END {
	split(modes, mode, " ")
	for (o = 1; o <= operations; o++)
		table(operation[o])
	for (m = 1; m in mode; m++)
		bounds(mode[m])
	exit over
}
