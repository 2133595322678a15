/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/progress.h"

#include <stdio.h>

#include "base/number.h"

enum { NS_PER_TENTH = 100000000 };

char *size_text(uint64_t bytes, char text[PROGRESS_TEXT])
{
	static const char *const units[] = { "KB", "MB", "GB", "TB" };
	char number[NUMBER_TEXT];
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(text, PROGRESS_TEXT, "%u B", (unsigned int)bytes);
		return text;
	}
	/* 999,950 and more would print as 1,000.0 of the smaller unit. */
	for (; bytes >= unit * 1000 - unit / 20 && i + 1 < ARRAY_SIZE(units); i++)
		unit *= 1000;
	number_fixed(number_divide((number_signed_wide)bytes * 10, unit), 1, number);
	snprintf(text, PROGRESS_TEXT, "%s %s", number, units[i]);
	return text;
}

char *progress_text(const struct ctf_counts *counts, uint64_t elapsed_ns, char text[PROGRESS_TEXT])
{
	char records[NUMBER_TEXT], lost[NUMBER_TEXT], seconds[NUMBER_TEXT], size[PROGRESS_TEXT];

	snprintf(text, PROGRESS_TEXT, "%s exits  %s  lost %s  %s s",
		 number_thousands((int64_t)counts->records, records),
		 size_text(counts->bytes, size), number_thousands((int64_t)counts->lost, lost),
		 number_fixed(number_divide((number_signed_wide)elapsed_ns, NS_PER_TENTH), 1,
			      seconds));
	return text;
}

/* ", torn 3", or nothing for 0: tests demand 0, and so may users. */
static const char *count_text(const char *name, uint64_t count, char text[NUMBER_TEXT + 16])
{
	char number[NUMBER_TEXT];

	text[0] = '\0';
	if (count)
		snprintf(text, NUMBER_TEXT + 16, ", %s %s", name,
			 number_thousands((int64_t)count, number));
	return text;
}

char *summary_text(const struct ctf_counts *counts, const char *directory, char text[PROGRESS_TEXT])
{
	char records[NUMBER_TEXT], lost[NUMBER_TEXT], size[PROGRESS_TEXT];
	char clamped[NUMBER_TEXT + 16], torn[NUMBER_TEXT + 16];

	snprintf(text, PROGRESS_TEXT, "%s record%s of %u vCPU%s, %s, lost %s%s%s, in %s",
		 number_thousands((int64_t)counts->records, records),
		 counts->records == 1 ? "" : "s", counts->vcpus, counts->vcpus == 1 ? "" : "s",
		 size_text(counts->bytes, size), number_thousands((int64_t)counts->lost, lost),
		 count_text("clamped", counts->clamped, clamped),
		 count_text("torn", counts->torn, torn), directory);
	return text;
}

char *tear_text(const struct ctf_counts *counts, const struct source_facts *facts,
		char text[PROGRESS_TEXT])
{
	const struct stage_tear *tear = &counts->tear;
	char ticks[NUMBER_TEXT];

	snprintf(text, PROGRESS_TEXT,
		 "torn: in the first such record the stamp %s is %s tick%s earlier than %s: "
		 "the kernel's stamps or its counter are out of order",
		 facts->stage_names[tear->stage], number_thousands((int64_t)tear->ticks, ticks),
		 tear->ticks == 1 ? "" : "s", facts->stage_names[tear->earlier]);
	return text;
}
