/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tool itself may take, and what is recorded where it takes more. */
#ifndef COLLECTOR_BUDGET_H
#define COLLECTOR_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/chooser.h"
#include "collector/packet.h"
#include "collector/source.h"
#include "collector/totals.h"

/* What a budget is made of, from the beginning on. */
struct budget_reading {
	uint64_t event_ticks; /* records handed over */
	uint64_t stamps;      /* and work between them, in stamps' worth */
	uint64_t pause_ns;    /* of the programs that see preemption and interrupts */
	uint64_t life_ticks;  /* of all vCPUs */
};

struct budget_step {
	enum choice_what what;
	uint32_t one_of;
};

struct budget {
	uint32_t hundredths; /* of a per cent that the tool may take; 0: there is no budget */
	unsigned int step;   /* of budget_steps[] */
	bool told;	     /* that the last step takes too much */
	uint64_t looked_ns;
	struct budget_reading before;
};

/* "2" or "0.5" per cent. Returns 0, or -EINVAL with a sentence. */
int budget_parse(const char *argument, uint32_t *ret_hundredths);

/* From totals, of a source with these facts. */
void budget_read(const struct source_facts *facts, const struct totals *totals,
		 const struct pause_cost *pauses, struct budget_reading *ret_reading);

/*
 * What the tool took between two readings, in hundredths of a per cent of the
 * vCPUs' time: the report's formula (ARCHITECTURE.md, "The table of register
 * classes"). Negative while less than 10 ms of their time have passed.
 */
int64_t budget_share(const struct source_facts *facts, const struct budget_reading *before,
		     const struct budget_reading *now);

/* What is recorded at a step; the last is totals alone. */
struct budget_step budget_at(unsigned int step);
bool budget_is_last(unsigned int step);

#endif
