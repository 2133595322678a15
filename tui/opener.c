/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/opener.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

/* A sentence belongs to its thread. */
static void *open_trace(void *context)
{
	struct opener *opener = context;

	opener->error = reader_open(opener->path, &opener->reader);
	if (opener->error < 0)
		snprintf(opener->text, sizeof(opener->text), "%s", error_text(opener->error));
	atomic_store(&opener->done, true);
	return NULL;
}

int opener_begin(struct opener *opener, const char *path)
{
	int err;

	if (opener->begun)
		return 0;
	*opener = (struct opener){ .path = path };
	err = pthread_create(&opener->thread, NULL, open_trace, opener);
	if (err)
		return error_set(-err, "cannot open '%s' once more: %s", path, strerror(err));
	opener->begun = true;
	return 0;
}

int opener_take(struct opener *opener, struct reader **ret_reader)
{
	int r;

	if (!opener->begun || !atomic_load(&opener->done))
		return 0;
	pthread_join(opener->thread, NULL);
	opener->begun = false;
	r = opener->error;
	if (r < 0)
		return error_set(r, "%s", opener->text);
	*ret_reader = opener->reader;
	opener->reader = NULL;
	return 1;
}

bool opener_is_busy(const struct opener *opener)
{
	return opener->begun && !atomic_load(&opener->done);
}

void opener_await(const struct opener *opener, unsigned int ms)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (ms-- && opener_is_busy(opener))
		nanosleep(&pause, NULL);
}

void opener_release(struct opener *opener)
{
	if (opener->begun)
		pthread_join(opener->thread, NULL);
	opener->begun = false;
	reader_closep(&opener->reader);
	opener->reader = NULL;
}
