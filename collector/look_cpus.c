/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs: how the collector runs on them, and the memory of their rings. */
#include "collector/look.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/bpf_source.h"
#include "collector/options.h"
#include "collector/progress.h"

#define GOVERNOR_FILE "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor"

/* --- the collector -------------------------------------------------------------- */

/* Really tries, and goes back to what it was. */
void look_scheduling(const struct look_host *host, struct finding *ret_finding)
{
	struct sched_param lowest = { .sched_priority = 1 }, none = { 0 };

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) == 0) {
		sched_setscheduler(0, SCHED_OTHER, &none);
		finding_set(ret_finding, LOOK_GOOD,
			    "SCHED_FIFO: busy vCPUs do not delay the reader");
		return;
	}
	finding_set(ret_finding, LOOK_REDUCED, "not SCHED_FIFO: under load records may be lost");
	finding_remedy(ret_finding, "needs CAP_SYS_NICE, as sudo gives, or 'ulimit -r 1'");
}

/* In kB; 0 where it is not known. */
static unsigned long long memory_available(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kb = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
			break;
	return kb;
}

void look_rings(const struct look_host *host, struct finding *ret_finding)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), each;
	unsigned long long available = memory_available() * 1024, all;
	char each_text[PROGRESS_TEXT], all_text[PROGRESS_TEXT];
	int cpus = bpf_source_cpus();

	if (cpus < 0) {
		finding_set(ret_finding, LOOK_MISSING, "%s", error_text(cpus));
		error_clear();
		return;
	}
	each = ring_bytes_default((unsigned int)cpus, page_bytes);
	all = (unsigned long long)each * (unsigned int)cpus;
	finding_set(ret_finding, LOOK_GOOD, "%s for each of %d CPUs, %s in all",
		    size_text(each, each_text), cpus, size_text(all, all_text));
	if (available && all > available) {
		ret_finding->state = LOOK_MISSING;
		finding_remedy(ret_finding,
			       "that much memory is not free: 'record --mem-ring 512K'");
	} else if (each < ring_bytes_default(1, page_bytes)) {
		ret_finding->state = LOOK_REDUCED;
		finding_remedy(ret_finding,
			       "smaller than usual, as there are many CPUs: watch for lost "
			       "records");
	}
}

void look_governor(const struct look_host *host, struct finding *ret_finding)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_CONF), known = 0, other = 0;
	char governor[64], first[64] = "";

	for (int cpu = 0; cpu < cpus; cpu++) {
		char path[sizeof(GOVERNOR_FILE) + 16];

		snprintf(path, sizeof(path), GOVERNOR_FILE, cpu);
		if (look_read_line(path, governor, sizeof(governor)) < 0)
			continue;
		known++;
		if (!strcmp(governor, "performance"))
			continue;
		if (!other++)
			strcpy(first, governor);
	}
	if (!known) {
		finding_set(ret_finding, LOOK_GOOD,
			    "this kernel does not change the CPUs' frequency");
	} else if (!other) {
		finding_set(ret_finding, LOOK_GOOD, "performance");
	} else {
		finding_set(ret_finding, LOOK_REDUCED,
			    "%s on %d of %d CPUs: times change with the "
			    "frequency",
			    first, other, known);
		finding_remedy(ret_finding, "cpupower frequency-set -g performance");
	}
}
