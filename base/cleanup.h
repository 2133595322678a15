/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owners that clean up behind themselves: declare a local with one of these
 * attributes, hand it over with TAKE_PTR() or TAKE_FD().
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Defines the cleanup function `name`p for a pointer of `type`. */
#define DEFINE_CLEANUP(type, name)                                                                 \
	static inline void name##p(type *owned)                                                    \
	{                                                                                          \
		if (*owned)                                                                        \
			name(*owned);                                                              \
	}

DEFINE_CLEANUP(FILE *, fclose)
DEFINE_CLEANUP(DIR *, closedir)

static inline void cleanup_free(void *owned)
{
	free(*(void **)owned);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(fclosep)
#define _cleanup_closedir_ _cleanup_(closedirp)

#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) *take_from = &(pointer);                                       \
		__typeof__(pointer) taken = *take_from;                                            \
		*take_from = NULL;                                                                 \
		taken;                                                                             \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *take_from = &(fd);                                                            \
		int taken = *take_from;                                                            \
		*take_from = -EBADF;                                                               \
		taken;                                                                             \
	})

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
