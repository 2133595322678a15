/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/pausers.h"

#include <errno.h>
#include <stdlib.h>

struct pauser_entry {
	uint32_t by;
	__u64 cause[2];
};

/* `count` where it is new. */
static uint32_t find(const struct pausers *pausers, uint32_t by, const __u64 cause[2])
{
	uint32_t i = 0;

	while (i < pausers->count &&
	       (pausers->entry[i].by != by || pausers->entry[i].cause[0] != cause[0] ||
		pausers->entry[i].cause[1] != cause[1]))
		i++;
	return i;
}

bool pausers_known(const struct pausers *pausers, uint32_t by, const __u64 cause[2])
{
	return find(pausers, by, cause) < pausers->count;
}

bool pausers_are_full(const struct pausers *pausers, uint32_t by, const __u64 cause[2])
{
	return pausers->count >= PAUSERS_APART && !pauser_is_several(by) &&
	       !pausers_known(pausers, by, cause);
}

int pausers_number(struct pausers *pausers, uint32_t by, const __u64 cause[2], uint32_t *ret_who,
		   bool *ret_new)
{
	uint32_t who = find(pausers, by, cause);
	struct pauser_entry *grown;

	*ret_new = who == pausers->count;
	*ret_who = who;
	if (!*ret_new)
		return 0;
	grown = reallocarray(pausers->entry, who + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[who] = (struct pauser_entry){ by, { cause[0], cause[1] } };
	pausers->entry = grown;
	pausers->count++;
	return 0;
}

void pausers_release(struct pausers *pausers)
{
	free(pausers->entry);
	*pausers = (struct pausers){ 0 };
}
