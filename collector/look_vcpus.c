/* SPDX-License-Identifier: GPL-2.0-only */
/* The vCPUs that run now, whatever VMM has them, and the CPUs that they may run on. */
#include "collector/look.h"

#include <fnmatch.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

#define VCPU_FILE "anon_inode:kvm-vcpu:" /* what a vCPU's file descriptor is */

enum { PROC_PATH = NAME_MAX * 2 + 32, STAT_BYTES = 1024 };

/* Fields of /proc/PID/stat behind the name: proc(5). */
enum { STAT_STATE = 3, STAT_GUEST_TIME = 43 };

struct vcpu_threads {
	unsigned int count, pinned;
	unsigned int unknown; /* vCPUs of which no thread is known to run them */
	int unpinned;	      /* thread id of the first one that is not */
};

/* --- what a thread is ----------------------------------------------------------- */

bool look_is_vcpu_name(const char *name)
{
	return fnmatch("CPU [0-9]*/*", name, 0) == 0 || strstr(name, "vcpu");
}

bool look_is_one_cpu(const char *list)
{
	return *list && strcspn(list, ",-") == strlen(list);
}

bool look_has_run_guest(const char *stat)
{
	const char *at = strrchr(stat, ')'); /* the name may have one, too */

	for (int field = STAT_STATE; at && field <= STAT_GUEST_TIME; field++)
		at = strchr(at + 1, ' ');
	return at && strtoull(at, NULL, 10);
}

int look_kvm_run_fd(const char *syscall)
{
	unsigned long long number, fd, request;

	if (sscanf(syscall, "%llu %llx %llx", &number, &fd, &request) != 3)
		return -1; /* "running" */
	return number == SYS_ioctl && request == KVM_RUN ? (int)fd : -1;
}

static bool is_vcpu_file(const char *pid, const char *fd)
{
	char path[PROC_PATH], target[sizeof(VCPU_FILE)];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, fd);
	length = readlink(path, target, sizeof(target) - 1);
	return length == sizeof(target) - 1 && !memcmp(target, VCPU_FILE, sizeof(target) - 1);
}

static int read_thread(const char *pid, const char *tid, const char *file, char *ret_line,
		       size_t size)
{
	char path[PROC_PATH];

	snprintf(path, sizeof(path), "/proc/%s/task/%s/%s", pid, tid, file);
	return look_read_line(path, ret_line, size);
}

/* By its name, as VMMs name them, by the time that it ran a guest, or as it sleeps in one. */
static bool is_vcpu_thread(const char *pid, const char *tid, bool is_vm)
{
	char line[STAT_BYTES], fd[16];

	if (read_thread(pid, tid, "comm", line, sizeof(line)) == 0 && look_is_vcpu_name(line))
		return true;
	if (!is_vm)
		return false;
	if (read_thread(pid, tid, "stat", line, sizeof(line)) == 0 && look_has_run_guest(line))
		return true;
	if (read_thread(pid, tid, "syscall", line, sizeof(line)) < 0)
		return false;
	snprintf(fd, sizeof(fd), "%d", look_kvm_run_fd(line));
	return is_vcpu_file(pid, fd);
}

/* --- all of them ---------------------------------------------------------------- */

/* Its status file's list of the CPUs that it may run on. */
static void read_allowed(const char *pid, const char *tid, char list[LOOK_TEXT])
{
	static const char title[] = "Cpus_allowed_list:\t";
	char path[PROC_PATH], line[LOOK_TEXT];
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/status", pid, tid);
	file = fopen(path, "re");
	*list = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, title, strlen(title)))
			strcpy(list, line + strlen(title));
	list[strcspn(list, "\n")] = '\0';
}

static void take_thread(struct vcpu_threads *threads, const char *pid, const char *tid)
{
	char list[LOOK_TEXT];

	read_allowed(pid, tid, list);
	threads->count++;
	if (look_is_one_cpu(list))
		threads->pinned++;
	else if (!threads->unpinned)
		threads->unpinned = atoi(tid);
}

/* How many vCPUs the process has open; 0 where this user may not know. */
static unsigned int count_vcpus(const char *pid)
{
	char path[PROC_PATH];
	_cleanup_closedir_ DIR *files = NULL;
	struct dirent *entry;
	unsigned int count = 0;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	files = opendir(path);
	while (files && (entry = readdir(files)))
		count += is_vcpu_file(pid, entry->d_name);
	return count;
}

static void take_process(struct vcpu_threads *threads, const char *pid)
{
	unsigned int vcpus = count_vcpus(pid), before = threads->count, found;
	char path[PROC_PATH];
	_cleanup_closedir_ DIR *tasks = NULL;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.' && is_vcpu_thread(pid, entry->d_name, vcpus))
			take_thread(threads, pid, entry->d_name);
	found = threads->count - before;
	if (found < vcpus)
		threads->unknown += vcpus - found;
}

static struct vcpu_threads find_vcpu_threads(void)
{
	_cleanup_closedir_ DIR *processes = opendir("/proc");
	struct vcpu_threads threads = { 0 };
	struct dirent *entry;

	while (processes && (entry = readdir(processes)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			take_process(&threads, entry->d_name);
	return threads;
}

void look_pinning(const struct look_host *host, struct finding *ret_finding)
{
	struct vcpu_threads threads = find_vcpu_threads();
	char unknown[LOOK_TEXT] = "";

	if (!threads.count && !threads.unknown) {
		finding_set(ret_finding, LOOK_GOOD, "no vCPU runs");
		return;
	}
	if (threads.unknown)
		snprintf(unknown, sizeof(unknown), "; not known of %u", threads.unknown);
	finding_set(ret_finding, LOOK_GOOD, "%u of %u running vCPUs are pinned to a CPU each%s",
		    threads.pinned, threads.count + threads.unknown, unknown);
	if (threads.pinned == threads.count)
		return;
	ret_finding->state = LOOK_REDUCED;
	finding_remedy(ret_finding,
		       "vCPUs that migrate measure worse: 'taskset -cp CPU %d', or "
		       "libvirt's vcpupin",
		       threads.unpinned);
}
