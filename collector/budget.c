/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/budget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/number.h"
#include "collector/stages.h"
#include "probes/stage_set.h"
#include "probes/tool_cost.h"

#define NS_PER_S UINT64_C(1000000000)
#define TRACING_STAGE "host_tracing" /* of the kernel: a record is handed over */

enum { SHARE_WHOLE = 10000, LIFE_LEAST_PER_S = 100 /* a hundredth of a second */ };

static const struct budget_step steps[] = {
	{ CHOICE_ALL, 1 },
	{ CHOICE_SAMPLES, 10 },
	{ CHOICE_SAMPLES, 100 },
	{ CHOICE_TOTALS, 0 },
};

static bool is_digits(const char *text, size_t least, size_t most)
{
	size_t length = strspn(text, "0123456789");

	return length >= least && length <= most && !text[length];
}

int budget_parse(const char *argument, uint32_t *ret_hundredths)
{
	_cleanup_free_ char *whole = strdup(argument);
	char *fraction = whole ? strchr(whole, '.') : NULL;
	char two[] = "00";
	uint32_t hundredths = 0;

	if (!whole)
		return -ENOMEM;
	if (fraction)
		*fraction++ = '\0';
	if (is_digits(whole, 1, 2) && (!fraction || is_digits(fraction, 1, 2))) {
		memcpy(two, fraction ? fraction : "", fraction ? strlen(fraction) : 0);
		hundredths = (uint32_t)(atoi(whole) * 100 + atoi(two));
	}
	if (!hundredths)
		return error_set(-EINVAL,
				 "--budget must be a share like 2 or 0.5 per cent, below 100, "
				 "not '%s'",
				 argument);
	*ret_hundredths = hundredths;
	return 0;
}

/* The vector's stamp is an exit's begin; all others are its path's. */
static uint64_t stamps_of(const struct totals_vcpu *vcpu)
{
	uint64_t exits = vcpu->kinds[EXIT_KIND_EXIT], sum = exits;

	for (int i = 0; i < TOTALS_PATTERNS; i++)
		for (int word = 0; word < EXIT_STAGE_WORDS; word++)
			sum += vcpu->pattern[i].count *
			       (uint64_t)__builtin_popcountll(vcpu->pattern[i].expected[word]);
	return sum + tool_work(exits + vcpu->kinds[EXIT_KIND_CONTINUATION], vcpu->through_user,
			       vcpu->el2_count);
}

void budget_read(const struct source_facts *facts, const struct totals *totals,
		 const struct pause_cost *pauses, struct budget_reading *ret_reading)
{
	struct budget_reading reading = { .pause_ns = pauses->ns };
	unsigned int tracing = stages_find(facts, TRACING_STAGE);

	for (unsigned int i = 0; i < totals->count; i++) {
		const struct totals_vcpu *vcpu = &totals->vcpu[i];

		if (tracing < EXIT_STAGES_MAX)
			reading.event_ticks += vcpu->stage[tracing];
		reading.stamps += stamps_of(vcpu);
		reading.life_ticks += vcpu->end - vcpu->begin - vcpu->off;
	}
	*ret_reading = reading;
}

int64_t budget_share(const struct source_facts *facts, const struct budget_reading *before,
		     const struct budget_reading *now)
{
	uint64_t life = now->life_ticks - before->life_ticks;
	number_signed_wide cost = now->event_ticks - before->event_ticks;

	if (life < facts->counter_hz / LIFE_LEAST_PER_S || (int64_t)life < 0)
		return -1;
	cost += (number_signed_wide)(now->stamps - before->stamps) * facts->stamp_cost_64 / 64;
	cost += (number_signed_wide)(now->pause_ns - before->pause_ns) * facts->counter_hz /
		NS_PER_S;
	return number_divide(cost * SHARE_WHOLE, life);
}

struct budget_step budget_at(unsigned int step)
{
	return steps[step];
}

bool budget_is_last(unsigned int step)
{
	return step + 1 == ARRAY_SIZE(steps);
}
