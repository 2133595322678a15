/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * getppid_loop BURST PAUSE_US MS [FILE]: makes BURST calls of getppid(), pauses,
 * and so on for MS milliseconds; then prints how many calls it made. FILE gets a
 * line after each burst: CLOCK_MONOTONIC [ns] and the calls so far.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000 };

/* For sanitizer builds: their search for leaks calls getppid() too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
	int fd = argc > 4 ? open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
	long long calls = 0, end_ns;
	int burst, pause_us;

	if (argc < 4)
		return 2;
	burst = atoi(argv[1]);
	pause_us = atoi(argv[2]);
	end_ns = now_ns() + atoi(argv[3]) * (long long)NS_PER_MS;
	while (now_ns() < end_ns) {
		for (int i = 0; i < burst; i++)
			syscall(SYS_getppid);
		calls += burst;
		if (fd >= 0)
			dprintf(fd, "%lld %lld\n", now_ns(), calls);
		if (pause_us)
			usleep((useconds_t)pause_us);
	}
	printf("%lld\n", calls);
	return 0;
}
