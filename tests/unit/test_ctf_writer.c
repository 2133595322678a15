/* SPDX-License-Identifier: GPL-2.0-only */
/* What the writer does to its directory, seen from outside. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/error.h"
#include "collector/ctf.h"

#define BEGIN_NS UINT64_C(1000000000)

static const char *const stage_names[] = { "th_first", "host_second" };

static const struct source_facts source = { .tier = "patched",
					    .kvm_mode = "vhe",
					    .counter_name = "CNTPCT_EL0",
					    .counter_hz = 1000000000,
					    .stamp_count = ARRAY_SIZE(stage_names),
					    .stage_count = ARRAY_SIZE(stage_names),
					    .stage_names = stage_names };

static struct trace_facts facts = {
	.source = &source, .version = "0", .arch = "arm64", .unit = "ns"
};

static struct identities identities;

struct fixture {
	char parent[32];
	char directory[48];
	struct ctf *ctf;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->parent, "/tmp/test_ctf.XXXXXX");
	if (!mkdtemp(fixture->parent))
		return -1;
	snprintf(fixture->directory, sizeof(fixture->directory), "%s/t", fixture->parent);
	*state = fixture;
	return ctf_create(fixture->directory, &facts, 2, &identities, BEGIN_NS, &fixture->ctf);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ctf_remove(fixture->ctf);
	ctf_free(fixture->ctf);
	identities_release(&identities);
	error_clear();
	facts.share = TRACE_IS_ALL;
	rmdir(fixture->parent);
	free(fixture);
	return 0;
}

static void add(struct ctf *ctf, uint64_t timestamp, uint64_t first, uint64_t second)
{
	struct ring_record record = { .timestamp = timestamp,
				      .fixed.begin = 10,
				      .stamp = { first, second } };

	assert_int_equal(ctf_add(ctf, 1, &record, offsetof(struct ring_record, stamp[2])), 0);
}

/* All that inotify tells now: the names of files by kind of event, as one text. */
static void read_events(int fd, char text[4096])
{
	char bytes[4096] __attribute__((aligned(8)));
	ssize_t length = read(fd, bytes, sizeof(bytes));

	*text = '\0';
	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(bytes + at);
		const char *kind = event->mask & IN_MODIFY ? "modified" : "created";

		if (event->mask & IN_MOVED_TO)
			kind = "moved to";
		text += sprintf(text, "%s %s\n", kind, event->name);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

/*
 * A reader never sees half a metadata file, a file that is no stream, or a
 * record before its event class and its vCPU's name.
 */
static void new_pattern_replaces_the_metadata_first(void **state)
{
	struct fixture *fixture = *state;
	int fd = inotify_init1(IN_NONBLOCK);
	char text[4096];

	inotify_add_watch(fd, fixture->directory, IN_CREATE | IN_MODIFY | IN_MOVED_TO);
	add(fixture->ctf, BEGIN_NS + 1, 11, 12);
	assert_int_equal(ctf_tick(fixture->ctf, BEGIN_NS + 49999999), 0);
	read_events(fd, text);
	assert_string_equal(text, "");
	assert_int_equal(ctf_tick(fixture->ctf, BEGIN_NS + 50000001), 0);
	read_events(fd, text);
	assert_string_equal(text, "created .metadata\n"
				  "modified .metadata\n"
				  "moved to metadata\n"
				  "modified vcpus\n"
				  "modified exits_1\n");
	add(fixture->ctf, BEGIN_NS + 60000000, 11, 13);
	assert_int_equal(ctf_tick(fixture->ctf, BEGIN_NS + 120000000), 0);
	read_events(fd, text);
	assert_string_equal(text, "modified exits_1\n"); /* nothing new */
	close(fd);
}

static void counts_are_what_is_written(void **state)
{
	struct fixture *fixture = *state;
	struct ctf_counts counts;

	add(fixture->ctf, BEGIN_NS + 1, 11, 12);
	add(fixture->ctf, BEGIN_NS + 2, 12, 11); /* torn */
	ctf_set_lost(fixture->ctf, 0, 5);
	ctf_set_lost(fixture->ctf, 1, 2);
	ctf_get_counts(fixture->ctf, &counts);
	assert_int_equal(counts.records, 0);
	assert_int_equal(counts.torn, 1);
	assert_int_equal(counts.tear.ticks, 1);
	assert_int_equal(counts.lost, 7);
	assert_int_equal(counts.vcpus, 1);
	assert_int_equal(ctf_tick(fixture->ctf, BEGIN_NS + 60000000), 0);
	ctf_get_counts(fixture->ctf, &counts);
	assert_int_equal(counts.records, 1);
}

static void existing_directory_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct ctf *second = NULL;
	char expected[128];

	assert_int_equal(ctf_create(fixture->directory, &facts, 2, &identities, BEGIN_NS, &second), -EEXIST);
	snprintf(expected, sizeof(expected),
		 "'%s' exists; remove it, or choose another directory with -o", fixture->directory);
	assert_string_equal(error_text(0), expected);
	assert_null(second);
}

static void nothing_is_left_of_a_failed_create(void **state)
{
	struct fixture *fixture = *state;
	static const char *const twice[] = { "th_first", "th_first" };
	struct source_facts wrong_source = source;
	struct trace_facts wrong = facts;
	struct ctf *ctf = NULL;
	char path[64];

	wrong_source.stage_names = twice;
	wrong.source = &wrong_source;
	snprintf(path, sizeof(path), "%s/wrong", fixture->parent);
	assert_int_equal(ctf_create(path, &wrong, 2, &identities, BEGIN_NS, &ctf), -EINVAL);
	assert_int_equal(access(path, F_OK), -1);
	assert_null(ctf);
}

/* What is said where a second record cannot be written, as on a full disk. */
static void assert_failure(struct fixture *fixture, enum trace_share share, const char *kept)
{
	struct rlimit before, none;
	char expected[256];
	int r;

	facts.share = share;
	getrlimit(RLIMIT_FSIZE, &before);
	none = (struct rlimit){ 0, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &none);
	r = ctf_tick(fixture->ctf, BEGIN_NS + 120000000);
	setrlimit(RLIMIT_FSIZE, &before); /* this program's output may be a file */
	assert_int_equal(r, -EFBIG);
	snprintf(expected, sizeof(expected),
		 "cannot write to '%s': File too large; %s; choose another disk with -o",
		 fixture->directory, kept);
	assert_string_equal(error_text(0), expected);
	error_clear();
}

/* Of a part it counts only what is in that; of a dump nothing will be left. */
static void a_failure_says_what_is_kept(void **state)
{
	struct fixture *fixture = *state;

	signal(SIGXFSZ, SIG_IGN);
	add(fixture->ctf, BEGIN_NS + 1, 11, 12);
	assert_int_equal(ctf_tick(fixture->ctf, BEGIN_NS + 50000001), 0);
	add(fixture->ctf, BEGIN_NS + 60000000, 11, 12);
	assert_failure(fixture, TRACE_IS_ALL, "1 records written, and readable");
	assert_failure(fixture, TRACE_IS_PART,
		       "1 records written into this part, and readable, as are the parts before it");
	assert_failure(fixture, TRACE_IS_DUMP,
		       "nothing is kept of this dump; those before it are readable");
}

static void directory_is_0700(void **state)
{
	struct fixture *fixture = *state;
	mode_t mask = umask(0);
	struct stat stat_buffer;
	struct ctf *ctf = NULL;
	char path[64];

	snprintf(path, sizeof(path), "%s/open", fixture->parent);
	assert_int_equal(ctf_create(path, &facts, 1, &identities, BEGIN_NS, &ctf), 0);
	umask(mask);
	assert_int_equal(stat(path, &stat_buffer), 0);
	assert_int_equal(stat_buffer.st_mode & 07777, 0700);
	ctf_remove(ctf);
	ctf_free(ctf);
	assert_int_equal(access(path, F_OK), -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_pattern_replaces_the_metadata_first),
		TEST(counts_are_what_is_written),
		TEST(existing_directory_is_refused),
		TEST(nothing_is_left_of_a_failed_create),
		TEST(a_failure_says_what_is_kept),
		TEST(directory_is_0700),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
