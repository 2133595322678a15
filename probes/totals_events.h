/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of the events that store totals, as probes/totals.def lists them. */
#ifndef PROBES_TOTALS_EVENTS_H
#define PROBES_TOTALS_EVENTS_H

#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/totals.h"

struct total_vcpu {
#define TOTALS_VCPU(bits, name, member) __u##bits name;
#include "probes/totals.def"
#undef TOTALS_VCPU
};

struct total_stage {
#define TOTALS_STAGE(bits, name) __u##bits name;
#include "probes/totals.def"
#undef TOTALS_STAGE
};

struct total_pattern {
#define TOTALS_PATTERN(bits, name) __u##bits name;
#include "probes/totals.def"
#undef TOTALS_PATTERN
};

struct total_pauser {
#define TOTALS_PAUSER(bits, name) __u##bits name;
#include "probes/totals.def"
#undef TOTALS_PAUSER
};

struct total_reason {
#define TOTALS_REASON(bits, name) __u##bits name;
#include "probes/totals.def"
#undef TOTALS_REASON
};

/* What each event is in a trace: its fields, without what C adds behind the last one. */
enum {
	TOTAL_VCPU_BYTES = 0
#define TOTALS_VCPU(bits, name, member) +bits / 8
#include "probes/totals.def"
#undef TOTALS_VCPU
	,
	TOTAL_STAGE_BYTES = 0
#define TOTALS_STAGE(bits, name) +bits / 8
#include "probes/totals.def"
#undef TOTALS_STAGE
	,
	TOTAL_PATTERN_BYTES = 0
#define TOTALS_PATTERN(bits, name) +bits / 8
#include "probes/totals.def"
#undef TOTALS_PATTERN
	,
	TOTAL_REASON_BYTES = 0
#define TOTALS_REASON(bits, name) +bits / 8
#include "probes/totals.def"
#undef TOTALS_REASON
};

#endif
