/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks for running recordings: each listens at a private socket of its user, in
 * a directory that only he may enter; root may enter all.
 */
#ifndef COLLECTOR_MARKS_H
#define COLLECTOR_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cmdline.h"

enum { MARK_TEXT = 256 /* bytes with the NUL */ };

struct mark {
	uint64_t ns; /* CLOCK_MONOTONIC, when it was sent */
	char text[MARK_TEXT];
};

struct marks {
	int fd;
	char *path; /* of the socket; owned */
};

#define MARKS_NONE ((struct marks){ .fd = -1 })

/*
 * Listens, as the user that the process is. Returns 0, or a negative errno with
 * a sentence; a recording can go on without. marks_close() either way.
 */
int marks_open(struct marks *marks);

/* Takes the next mark that has come, without waiting. False where there is none. */
bool marks_next(const struct marks *marks, uint64_t now_ns, struct mark *ret_mark);

/* Ends it, and removes the socket. */
void marks_close(struct marks *marks);

/*
 * Sends a mark to all recordings of this user, root's to those of all users; waits two
 * seconds at most for those that do not take it. Returns how many have it; or a negative
 * errno with a sentence.
 */
int marks_send(uint64_t now_ns, const char *text);

/* The command `hyptrace mark`. */
extern const struct cmdline_command mark_command;

/* Returns the exit status, or a negative errno with a sentence. */
int command_mark(int argc, char **argv);

#endif
