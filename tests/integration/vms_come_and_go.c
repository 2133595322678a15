/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vms_come_and_go SECONDS VMS: keeps so many processes there, each a VM of one to
 * four threads that call getppid(), some of them once only. All live for up to
 * three seconds, and not equally long; then others take their place. Prints how
 * many there were.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MOST = 4, BURST = 40, PAUSE_US = 20000, LIFE_MOST = 150, VMS_MOST = 1000 };

/* For sanitizer builds: a process forked by the thousand needs no search for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* `life` pauses, with bursts of calls before them; every fifth one calls at its start only. */
static void *run_vcpu(void *life)
{
	long pauses = (long)life;

	for (long i = 0; i < pauses; i++) {
		for (int call = 0; call < BURST && (i == 0 || pauses % 5); call++)
			syscall(SYS_getppid);
		usleep(PAUSE_US);
	}
	return NULL;
}

static void run_vm(unsigned int seed)
{
	char name[16];
	pthread_t thread[THREADS_MOST];
	int threads, started = 0;

	srandom(seed);
	snprintf(name, sizeof(name), "vm-%u", seed % 10000);
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	threads = (int)(random() % THREADS_MOST);
	while (started < threads && pthread_create(&thread[started], NULL, run_vcpu,
						   (void *)(random() % LIFE_MOST)) == 0)
		started++;
	run_vcpu((void *)(random() % LIFE_MOST));
	while (started > 0)
		pthread_join(thread[--started], NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	int vms, there = 0;
	unsigned int begun = 0;
	time_t end;

	if (argc < 3)
		return 2;
	end = time(NULL) + atol(argv[1]);
	vms = atoi(argv[2]) < VMS_MOST ? atoi(argv[2]) : VMS_MOST;
	while (time(NULL) < end) {
		for (pid_t pid = 0; there < vms && pid >= 0; there += pid > 0) {
			begun++;
			pid = fork();
			if (pid == 0)
				run_vm(begun);
		}
		there -= wait(NULL) > 0;
	}
	while (wait(NULL) > 0)
		;
	printf("%u\n", begun);
	return 0;
}
