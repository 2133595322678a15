/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/device_finder.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "collector/mtree.h"
#include "collector/process.h"
#include "collector/qmp.h"
#include "collector/wakeups.h"

#define FIRST_WAIT_NS UINT64_C(1000000000)
#define LONGEST_WAIT_NS UINT64_C(60000000000)

enum { ATTEMPTS = 5, SIGNAL_NS = 10000000 };

/* A VM's process. */
struct device_finder_vm {
	uint32_t pid;
	bool asked;
	unsigned int failures; /* ATTEMPTS: it is left alone */
	uint64_t due_ns, wait_ns;
};

struct device_finder_query {
	pthread_t thread;
	uint32_t pid;
	int stop_fd; /* an eventfd: the answer is not waited for any longer */
	atomic_bool done;
	int result;
	struct device_map map;
};

/* --- the question ------------------------------------------------------------- */

static void *ask(void *argument)
{
	struct device_finder_query *query = argument;
	_cleanup_free_ char *text = NULL;

	query->result = qmp_memory_tree(query->pid, query->stop_fd, &text);
	if (query->result >= 0)
		query->result = mtree_read(text, query->pid, &query->map);
	atomic_store(&query->done, true);
	return NULL;
}

static void free_query(struct device_finder_query *query)
{
	device_map_release(&query->map);
	cleanup_close(&query->stop_fd);
	free(query);
}

static int start_query(struct device_finder *finder, struct device_finder_vm *vm)
{
	struct device_finder_query *query = calloc(1, sizeof(*query));

	if (!query)
		return -ENOMEM;
	query->pid = vm->pid;
	query->stop_fd = eventfd(0, EFD_CLOEXEC);
	vm->asked = true;
	if (query->stop_fd < 0 || pthread_create(&query->thread, NULL, ask, query)) {
		vm->failures++;
		free_query(query);
		return 0;
	}
	finder->query = query;
	return 0;
}

static struct device_finder_vm *find_vm(const struct device_finder *finder, uint32_t pid)
{
	for (size_t i = 0; i < finder->count; i++)
		if (finder->vm[i].pid == pid)
			return &finder->vm[i];
	return NULL;
}

/* The VM may have ended meanwhile, and be forgotten. */
static void note_result(const struct device_finder *finder, const struct device_finder_query *query)
{
	struct device_finder_vm *vm = find_vm(finder, query->pid);

	if (!vm)
		return;
	if (query->result == -ENOENT)
		vm->failures = ATTEMPTS;
	else if (query->result < 0)
		vm->failures++;
	else
		vm->failures = 0;
}

/* The thread ends within the time that QMP is given. */
static int end_query(struct device_finder *finder)
{
	struct device_finder_query *query = finder->query;
	int r;

	pthread_join(query->thread, NULL);
	note_result(finder, query);
	r = device_map_merge(&finder->map, &query->map);
	free_query(query);
	finder->query = NULL;
	return r;
}

static void stop_query(const struct device_finder *finder)
{
	eventfd_write(finder->query->stop_fd, 1);
}

/* Waits for the answer, unless we are told to end at once. */
static int await_query(struct device_finder *finder)
{
	const struct timespec pause = { .tv_nsec = SIGNAL_NS };

	while (!atomic_load(&finder->query->done) && !wakeups_end_is_due())
		nanosleep(&pause, NULL);
	if (!atomic_load(&finder->query->done))
		stop_query(finder);
	return end_query(finder);
}

/* --- the VMs ------------------------------------------------------------------ */

int device_finder_meet(struct device_finder *finder, uint32_t pid)
{
	struct device_finder_vm *grown;

	if (find_vm(finder, pid))
		return 0;
	grown = reallocarray(finder->vm, finder->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[finder->count++] = (struct device_finder_vm){ .pid = pid, .wait_ns = FIRST_WAIT_NS };
	finder->vm = grown;
	return 0;
}

static bool is_silent(const struct device_finder_vm *vm)
{
	return vm->failures >= ATTEMPTS;
}

/* At once, then twice as long from time to time: guests move devices when they boot. */
static int ask_next(struct device_finder *finder, uint64_t now_ns)
{
	for (size_t i = 0; i < finder->count; i++) {
		struct device_finder_vm *vm = &finder->vm[i];

		if (is_silent(vm) || now_ns < vm->due_ns)
			continue;
		vm->due_ns = now_ns + vm->wait_ns;
		if (vm->wait_ns < LONGEST_WAIT_NS)
			vm->wait_ns *= 2;
		return start_query(finder, vm);
	}
	return 0;
}

/* So that the next process of that number is asked anew. Devices stay: the totals have them. */
static void forget_gone(struct device_finder *finder)
{
	size_t kept = 0;

	for (size_t i = 0; i < finder->count; i++)
		if (!process_is_gone(finder->vm[i].pid))
			finder->vm[kept++] = finder->vm[i];
	finder->count = kept;
}

int device_finder_turn(struct device_finder *finder, uint64_t now_ns)
{
	int r = 0;

	forget_gone(finder);
	if (finder->query && atomic_load(&finder->query->done))
		r = end_query(finder);
	return r < 0 || finder->query ? r : ask_next(finder, now_ns);
}

int device_finder_finish(struct device_finder *finder)
{
	int r = finder->query ? await_query(finder) : 0;

	for (size_t i = 0; r >= 0 && i < finder->count && !wakeups_end_is_due(); i++) {
		if (is_silent(&finder->vm[i]) || finder->vm[i].asked)
			continue;
		r = start_query(finder, &finder->vm[i]);
		if (r >= 0 && finder->query)
			r = await_query(finder);
	}
	return r;
}

void device_finder_release(struct device_finder *finder)
{
	if (finder->query) {
		stop_query(finder);
		end_query(finder);
	}
	device_map_release(&finder->map);
	free(finder->vm);
	*finder = (struct device_finder){ 0 };
}
