/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"

#define NS_PER_S INT64_C(1000000000)
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define LAB_OPTION "hyptrace.lab="

static int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
	return (uint64_t)clock_read_ns(CLOCK_MONOTONIC);
}

/* The best of a few readings of one clock between two of the other. */
static int64_t clock_offset_ns(void)
{
	int64_t best_offset_ns = 0, best_width_ns = INT64_MAX;

	for (int i = 0; i < 10; i++) {
		int64_t before_ns = clock_read_ns(CLOCK_MONOTONIC);
		int64_t real_ns = clock_read_ns(CLOCK_REALTIME);
		int64_t width_ns = clock_read_ns(CLOCK_MONOTONIC) - before_ns;

		if (width_ns < best_width_ns) {
			best_width_ns = width_ns;
			best_offset_ns = real_ns - (before_ns + width_ns / 2);
		}
	}
	return best_offset_ns;
}

/* Reads the first line of a short file, without its newline. */
static int read_line(const char *path, char *ret_line, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, ret_line, size - 1);
	if (n < 0)
		return -errno;
	ret_line[n] = '\0';
	ret_line[strcspn(ret_line, "\n")] = '\0';
	return 0;
}

void facts_from_cmdline(struct trace_facts *facts, const char *cmdline)
{
	const char *option = strstr(cmdline, LAB_OPTION);
	const char *value = option ? option + strlen(LAB_OPTION) : "";
	size_t length = strcspn(value, " \n");

	facts->emulated = option != NULL;
	facts->unit = length == 6 && !strncmp(value, "icount", length) ? "instructions" : "ns";
}

bool facts_emulated(void)
{
	struct trace_facts facts = { 0 };
	char cmdline[4096] = "";

	read_line("/proc/cmdline", cmdline, sizeof(cmdline));
	facts_from_cmdline(&facts, cmdline);
	return facts.emulated;
}

static const char *arch_name(const char *machine)
{
	static const struct {
		const char *machine, *name;
	} rows[] = { { "aarch64", "arm64" }, { "x86_64", "x86_64" } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(machine, rows[i].machine))
			return rows[i].name;
	return "unknown";
}

static int random_uuid(uint8_t uuid[TRACE_UUID_BYTES])
{
	if (getrandom(uuid, TRACE_UUID_BYTES, 0) != TRACE_UUID_BYTES)
		return error_set(-EIO, "the kernel gives no random bytes for the trace's uuid");
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122: version 4 */
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return 0;
}

int facts_new_uuid(struct trace_facts *facts)
{
	return random_uuid(facts->uuid);
}

int facts_collect(const struct source_facts *source, struct trace_facts *ret_facts)
{
	struct trace_facts facts = { .source = source, .version = HYPTRACE_VERSION };
	struct utsname host;
	char cmdline[4096] = "";
	int r;

	r = read_line(BOOT_ID_FILE, facts.boot_id, sizeof(facts.boot_id));
	if (r < 0)
		return error_set(r, "cannot read " BOOT_ID_FILE ": %s; is /proc mounted?",
				 strerror(-r));
	r = random_uuid(facts.uuid);
	if (r < 0)
		return r;
	uname(&host);
	facts.arch = arch_name(host.machine);
	snprintf(facts.kernel, sizeof(facts.kernel), "%s", host.release);
	read_line("/proc/cmdline", cmdline, sizeof(cmdline));
	facts_from_cmdline(&facts, cmdline);
	facts.clock_offset_ns = clock_offset_ns();
	*ret_facts = facts;
	return 0;
}
