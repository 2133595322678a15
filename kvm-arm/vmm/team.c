/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/team.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

/* Interrupts a KVM_RUN; only ever sent together with vcpu_ask_to_stop(). */
#define KICK SIGUSR1

static void on_kick(int signal)
{
	(void)signal;
}

static int catch_kicks(void)
{
	struct sigaction action = { .sa_handler = on_kick };

	return sigaction(KICK, &action, NULL) < 0 ? -errno : 0;
}

int team_open(struct team *team, struct vm *vm, const struct config *config)
{
	int r;

	*team = (struct team){
		.migrate_ms = config->migrate_ms,
		.count_on_host = stimuli_count_on_host(config->with),
	};
	pthread_mutex_init(&team->gate, NULL);
	r = cpus_read(&team->cpus);
	for (unsigned int i = 0; i < config->nvcpus && r >= 0; i++) {
		struct member *member = &team->members[i];

		member->team = team;
		member->cpu =
			config->ncpus ? config->cpus[i] : team->cpus.numbers[i % team->cpus.count];
		team->size = i + 1;
		r = vcpu_open(&member->vcpu, vm, i, config->nvcpus);
	}
	if (r >= 0)
		r = vm_make_gic(vm);
	for (unsigned int i = 0; i < config->nvcpus && r >= 0; i++)
		r = vcpu_finish(&team->members[i].vcpu);
	return r;
}

void team_close(struct team *team)
{
	for (unsigned int i = 0; i < team->size; i++) {
		vcpu_close(&team->members[i].vcpu);
		free(team->members[i].sentence);
	}
	pthread_mutex_destroy(&team->gate);
}

/* By number: a thread that has been joined by now has no handle any more. */
static void stop_all(struct team *team)
{
	for (unsigned int i = 0; i < team->started; i++) {
		pid_t tid;

		vcpu_ask_to_stop(&team->members[i].vcpu);
		tid = team->members[i].tid;
		if (tid)
			tgkill(getpid(), tid, KICK);
	}
}

static int member_pin(struct member *member)
{
	int r = cpus_pin(0, member->cpu);

	if (r < 0)
		return error_set(r,
				 "cannot put vCPU %u on host CPU %d: %s; --cpu takes CPUs that "
				 "this process may use, %d to %d",
				 member->vcpu.index, member->cpu, strerror(-r),
				 member->team->cpus.numbers[0],
				 member->team->cpus.numbers[member->team->cpus.count - 1]);
	return 0;
}

static void *member_thread(void *argument)
{
	struct member *member = argument;
	struct team *team = member->team;
	_cleanup_close_ int counter = -1;
	int r = member_pin(member);

	if (r >= 0 && team->count_on_host)
		r = counter = stimulus_open_host_counter();

	member->tid = gettid();
	pthread_mutex_lock(&team->gate);
	pthread_mutex_unlock(&team->gate);
	if (r >= 0 && !team->abandoned)
		r = vcpu_run(&member->vcpu);
	member->tid = 0;
	member->result = r;
	if (r < 0)
		member->sentence = strdup(error_text(r));
	stop_all(team);
	return NULL;
}

static int start_members(struct team *team)
{
	int r = 0;

	pthread_mutex_lock(&team->gate);
	for (unsigned int i = 0; i < team->size && !r; i++) {
		struct member *member = &team->members[i];

		r = pthread_create(&member->thread, NULL, member_thread, member);
		team->started += !r;
	}
	team->abandoned = r != 0;
	pthread_mutex_unlock(&team->gate);
	if (r)
		return error_set(-r, "cannot start a thread for each vCPU: %s", strerror(r));
	return 0;
}

/* The first failure wins: the others were stopped because of it. */
static int join_members(struct team *team)
{
	int r = 0;

	for (unsigned int i = 0; i < team->started; i++)
		pthread_join(team->members[i].thread, NULL);
	for (unsigned int i = 0; i < team->started && r >= 0; i++) {
		struct member *member = &team->members[i];

		r = member->result;
		if (r < 0)
			error_set(r, "%s", member->sentence ? member->sentence : strerror(-r));
	}
	return r;
}

static void move_members(struct team *team)
{
	for (unsigned int i = 0; i < team->started; i++) {
		struct member *member = &team->members[i];
		pid_t tid = member->tid;
		int cpu = cpus_next(&team->cpus, member->cpu);

		if (tid && cpus_pin(tid, cpu) >= 0) {
			member->cpu = cpu;
			team->moves++;
		}
	}
}

static void *mover_thread(void *argument)
{
	struct team *team = argument;
	const struct timespec pause = {
		.tv_sec = team->migrate_ms / 1000,
		.tv_nsec = team->migrate_ms % 1000 * 1000000,
	};

	while (!team->stop_moving) {
		nanosleep(&pause, NULL);
		move_members(team);
	}
	return NULL;
}

static int run_moving(struct team *team)
{
	pthread_t mover;
	int r = pthread_create(&mover, NULL, mover_thread, team);

	if (r) {
		stop_all(team);
		error_set(-r, "cannot start the thread that moves the vCPUs: %s", strerror(r));
		join_members(team);
		return -r;
	}
	r = join_members(team);
	team->stop_moving = true;
	pthread_join(mover, NULL);
	return r;
}

int team_run(struct team *team)
{
	int r = catch_kicks();

	if (r >= 0)
		r = start_members(team);
	if (r < 0) {
		join_members(team);
		return r;
	}
	return team->migrate_ms ? run_moving(team) : join_members(team);
}

int team_read_kvm(struct team *team)
{
	int r = 0;

	for (unsigned int i = 0; i < team->size && r >= 0; i++)
		r = truth_read_kvm(&team->members[i].vcpu.truth, team->members[i].vcpu.fd);
	return r;
}

void team_print(const struct team *team, FILE *out)
{
	struct truth sum = { 0 };

	for (unsigned int i = 0; i < team->size; i++) {
		const struct vcpu *vcpu = &team->members[i].vcpu;

		fprintf(out, "vcpu=%u", vcpu->index);
		truth_print(&vcpu->truth, out);
		truth_add(&sum, &vcpu->truth);
	}
	fprintf(out, "vcpu=all vcpus=%u moves=%lu", team->size, team->moves);
	truth_print(&sum, out);
}

bool team_guest_failed(const struct team *team)
{
	for (unsigned int i = 0; i < team->size; i++)
		if (team->members[i].vcpu.status)
			return true;
	return false;
}
