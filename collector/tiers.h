/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tiers: how much a kernel lets hyptrace see. The best one that this host
 * has is chosen by what is there, and named in every output.
 */
#ifndef COLLECTOR_TIERS_H
#define COLLECTOR_TIERS_H

#include <bpf/btf.h>
#include <stdbool.h>

#include "collector/source.h"

/* For the table of a command's options. */
#define TIERS_HELP "patched, stock, x86 or generic (the best that this kernel has)"

/*
 * Opens the source of the tier that options->tier names, of the best one that
 * exists where that is NULL. As source_open says.
 */
int source_open_best(const struct source_options *options, struct source **ret_source);

/* The tiers by number, the best is 0; NULL after the last one. Static. */
const char *tiers_name(size_t number);

/* Whether the tier of that name can be had here. As tiers_find(). */
int tiers_exist(const char *name, bool *ret_exists);

/*
 * The name of the best tier that exists here, NULL for none. Returns 0, or a
 * negative errno with a sentence where the kernel's types cannot be read.
 */
int tiers_find(const char **ret_name);

/* "--tier NAME" as one of the names. Returns 0, or -EINVAL with a sentence. */
int tiers_parse(const char *argument, const char **ret_name);

/* Whether the kernel has what the tier needs, by its types. */
bool patched_exists(void);
bool stock_exists(void);
bool x86_exists(void);
bool generic_exists(void);

/*
 * Whether the kernel says where the variable is that tier stock needs besides: without
 * CONFIG_KALLSYMS_ALL it does not. True where that cannot be found out.
 */
bool stock_has_vcpu(void);

int stock_open(const struct source_options *options, struct source **ret_source);
int x86_open(const struct source_options *options, struct source **ret_source);
int generic_open(const struct source_options *options, struct source **ret_source);

/* "vmx" or "svm", by the types of the module that is loaded; NULL for neither. Static. */
const char *x86_mode(void);

#endif
