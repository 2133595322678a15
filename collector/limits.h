/* SPDX-License-Identifier: GPL-2.0-only */
/* When a recording begins and ends by itself. */
#ifndef COLLECTOR_LIMITS_H
#define COLLECTOR_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits_options {
	uint64_t delay_ns;    /* before the first record; 0: none */
	uint64_t duration_ns; /* from then on; 0: no end */
	uint64_t exits;	      /* records of exits to take; 0: no end */
};

struct limits {
	struct limits_options options;
	uint64_t ready_ns; /* when all was ready */
	uint64_t begin_ns; /* when recording began, 0 before */
	uint64_t exits;	   /* taken so far */
};

/* All is ready; without a delay, recording begins. Times are CLOCK_MONOTONIC. */
void limits_begin(struct limits *limits, const struct limits_options *options, uint64_t now_ns);

/* True once the delay is over, which may be at once. */
bool limits_delay_is_over(const struct limits *limits, uint64_t now_ns);

/* Recording begins, by the delay or because somebody asked; later calls change nothing. */
void limits_note_begin(struct limits *limits, uint64_t now_ns);

/* Counts an exit. False for one too many, which is not to be recorded. */
bool limits_take_exit(struct limits *limits);

/* The option that says that recording is to end, as "--duration"; NULL while none does. */
const char *limits_end(const struct limits *limits, uint64_t now_ns);

#endif
