/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of `hyptrace record`. */
#ifndef COLLECTOR_OPTIONS_H
#define COLLECTOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/chooser.h"
#include "collector/limits.h"
#include "collector/output.h"
#include "collector/target.h"

struct record_options {
	struct output_options output;
	struct target_options target;
	bool synchronised; /* --barriers */
	bool cycles;	   /* --clock */
	const char *tier;  /* --tier; NULL: the best one */
	struct limits_options limits;
	struct chooser chooser;
	uint32_t budget; /* hundredths of a per cent; 0: none */
	bool vmm;	   /* --vmm */
	size_t ring_bytes; /* 0: as ring_bytes_default() says */
};

/*
 * Reads the words of the command line, which must outlive the options. Returns
 * 0, CMDLINE_HELP after --help, or -EINVAL with a sentence.
 */
int record_options_parse(int argc, char **argv, struct record_options *ret_options);

/* For the table of a command's options. */
#define BARRIERS_HELP "plain, or synchronised: no work counts for the stage after it (plain)"

/* "--barriers WHICH". Returns 0, or -EINVAL with a sentence. */
int barriers_parse(const char *argument, bool *ret_synchronised);

/* 16 MiB, or less where the rings of `cpus` CPUs would exceed 256 MiB in all. */
size_t ring_bytes_default(unsigned int cpus, size_t page_bytes);

/* Returns 0, or -EINVAL with a sentence for a size that BPF or the limit of 256 MiB refuses. */
int ring_bytes_check(size_t ring_bytes, unsigned int cpus, size_t page_bytes);

/* "65536", "512K", "8M" or "1G" in bytes. Returns 0, or -EINVAL with a sentence. */
int size_parse(const char *text, const char *what, size_t *ret_bytes);

#endif
