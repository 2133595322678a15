/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory of traces, each with a number in its name, of which the oldest go. */
#ifndef COLLECTOR_PARTS_H
#define COLLECTOR_PARTS_H

#include <stdbool.h>

struct parts {
	const char *directory; /* borrowed */
	const char *prefix;    /* static */
	unsigned int keep;     /* how many stay; 0: all */
	unsigned int first;    /* the oldest that there is */
	unsigned int next;     /* number of the one to come */
};

/* Makes the directory. Returns 0, or a negative errno with a sentence. */
int parts_create(struct parts *parts, const char *directory, const char *prefix, unsigned int keep);

/* "DIR/part-000001", to be freed; a hidden name where `hidden`. NULL without memory. */
char *parts_path(const struct parts *parts, unsigned int number, bool hidden);

/*
 * Makes room for the next one: removes the oldest where `keep` are there.
 * Returns 0, or a negative errno with a sentence.
 */
int parts_make_room(struct parts *parts);

/* Removes the directory, where it is empty. */
void parts_remove(const struct parts *parts);

#endif
