/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of reasons to rules: what kvm-arm/decode and kvm-x86/decode make of examples is
 * compared with the name, so that their tables stay the only ones.
 */
#ifndef COLLECTOR_CHOOSER_SEARCH_H
#define COLLECTOR_CHOOSER_SEARCH_H

#include <stdbool.h>

#include "collector/chooser.h"

struct chooser_search {
	struct chooser *chooser; /* whose rules have the class or reasons with that name */
	const char *name;
	bool found;
	struct buffer *classes; /* their words, for the sentence */
};

/*
 * Goes through all exits that there are. Each returns 0, found or not; or -ENOMEM, or
 * -E2BIG and a sentence.
 */
int chooser_search_arm(struct chooser_search *search);
int chooser_search_x86(struct chooser_search *search, __u8 code); /* EXIT_CODE_VMX... */

/*
 * Tries a class with an example of it. What has no detail is named by its class, or by
 * the name that the report prints. Returns 0 or -ENOMEM.
 */
int chooser_try_class(struct chooser_search *search, __u32 class, const struct exit_fixed *example);

/* Whether the report prints the name for such an exit. */
bool chooser_is_named(const struct chooser_search *search, const struct exit_fixed *example);

/* Returns 0, or -E2BIG and a sentence. */
int chooser_found(struct chooser_search *search, struct choose_reason reason);

#endif
