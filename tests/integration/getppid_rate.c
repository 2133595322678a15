/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * getppid_rate CPU RATE SECONDS: makes RATE calls of getppid() a second on that CPU, which it
 * keeps busy, in parts of a millisecond. What it could not make in time it makes later. Prints
 * how many calls it made, and in how many ms.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, MS_PER_S = 1000 };

/* For sanitizer builds: their search for leaks calls getppid() too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int main(int argc, char **argv)
{
	long long rate, wanted, calls = 0, begin = now_ms(), end, due;
	cpu_set_t here;

	if (argc < 4)
		return 2;
	CPU_ZERO(&here);
	CPU_SET(atoi(argv[1]), &here);
	if (sched_setaffinity(0, sizeof(here), &here) < 0)
		return 1;
	rate = atoll(argv[2]);
	end = atoll(argv[3]) * MS_PER_S;
	wanted = rate * end / MS_PER_S;
	while (calls < wanted) {
		due = now_ms() - begin + 1;
		due = (due < end ? due : end) * rate / MS_PER_S;
		for (; calls < due; calls++)
			syscall(SYS_getppid);
	}
	printf("%lld %lld\n", calls, now_ms() - begin);
	return 0;
}
