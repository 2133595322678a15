/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LTTng-UST's provider hyptrace_vmm, loaded into a process when it makes its
 * first VM. Linked with lttng-ust and nothing else.
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "probes/ust/events.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "probes/ust/names.h"

/* How long a VMM may be held up by a daemon that does not answer. */
enum { WAIT_MS = 500, PAUSE_MS = 2 };

static bool is_enabled(const char *unused)
{
	(void)unused;
	return lttng_ust_tracepoint_enabled(hyptrace_vmm, stay);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t patience_ms(void)
{
	const char *text = getenv("LTTNG_UST_REGISTER_TIMEOUT");

	return text ? strtoul(text, NULL, 10) : WAIT_MS;
}

static bool await(bool (*condition)(const char *), const char *argument)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	uint64_t last_ms = now_ms() + patience_ms();
	bool met;

	while (!(met = condition(argument)) && now_ms() < last_ms)
		nanosleep(&pause, NULL);
	return met;
}

/*
 * Until the events are enabled; then, with the first of them written, until the
 * session has been stopped and started once, which puts its metadata into the file.
 */
void hyptrace_ust_attach(void)
{
	const char *home = getenv("LTTNG_HOME");
	char safe[4096];

	if (!home || snprintf(safe, sizeof(safe), "%s/" UST_SAFE_FILE, home) >= (int)sizeof(safe))
		return;
	if (!await(is_enabled, NULL))
		return;
	lttng_ust_tracepoint(hyptrace_vmm, attached, getpid());
	await(is_there, safe);
}

void hyptrace_ust_stay(const struct vmm_stay *stay)
{
	lttng_ust_tracepoint(hyptrace_vmm, stay, stay);
}

void hyptrace_ust_lock(const struct vmm_lock *lock)
{
	lttng_ust_tracepoint(hyptrace_vmm, lock, lock);
}
