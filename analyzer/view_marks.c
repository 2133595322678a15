/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/text_table.h"

#define NS_PER_MS 1000000

enum { MARK_LINE = 640 };

/* Who put it, and what it says. */
static void mark_name(const struct ledger *ledger, const struct note_mark *mark,
		      char text[MARK_LINE])
{
	const struct ledger_vcpu *vcpu = NULL;

	if (mark->slot == TRACE_MARK_BY_HOST) {
		snprintf(text, MARK_LINE, "%s", mark->text);
		return;
	}
	if (mark->slot < ledger->vcpu_slots)
		vcpu = ledger->vcpu[mark->slot];
	if (vcpu && vcpu->named)
		snprintf(text, MARK_LINE, "mark %" PRIu64 " of %s %u/%u", mark->number, vcpu->vm,
			 vcpu->pid, vcpu->index);
	else
		snprintf(text, MARK_LINE, "mark %" PRIu64 " of slot %u", mark->number, mark->slot);
}

int view_marks(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	const struct notes *notes = &report->ledger->notes;
	char text[MARK_LINE], ms[NUMBER_TEXT];

	text_table_column(&table, "marks");
	text_table_column(&table, "by");
	text_table_column(&table, "after first record, ms");
	for (size_t i = 0; i < notes->marks; i++) {
		const struct note_mark *mark = &notes->mark[i];
		int64_t after_ns = (int64_t)(mark->ns - notes->begin_ns);

		mark_name(report->ledger, mark, text);
		text_table_cell(&table, text);
		text_table_cell(&table, mark->slot == TRACE_MARK_BY_HOST ? "host" : "guest");
		text_table_number(&table,
				  number_fixed(number_divide(after_ns, NS_PER_MS / 1000), 3, ms),
				  after_ns);
	}
	return text_table_print(&table, out);
}
