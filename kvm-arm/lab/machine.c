/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "kvm-arm/lab/frame.h"
#include "kvm-arm/lab/process.h"
#include "kvm-arm/lab/words.h"

/* 6.1 says "Hyp mode" where 6.12 says "Hyp nVHE mode". */
static const struct kvm_mode modes[] = {
	{ "nvhe", "kvm-arm.mode=nvhe", "*: Hyp [!h]*ode initialized*" },
	{ "vhe", "", "*: VHE mode initialized*" },
	{ "hvhe", "arm64_sw.hvhe=1", "*: Hyp hVHE mode initialized*" },
	{ "protected", "kvm-arm.mode=protected", "*: Protected *VHE mode initialized*" },
};

/* What every machine has. */
// clang-format off
static const char *const fixed_words[] = {
	"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
	"-serial", "chardev:console",
	"-device", "virtio-blk-pci,drive=root",
	"-device", "virtio-serial-pci",
	"-device", "virtserialport,chardev=lab,name=" LAB_PORT,
	"-device", "virtio-9p-pci,fsdev=share,mount_tag=" LAB_SHARE_TAG,
};
// clang-format on

/* One instruction is one nanosecond; what is random inside repeats. */
static const char *const icount_words[] = { "-icount", "shift=0,sleep=off", "-seed", "1" };

static int refuse_mode(const char *name)
{
	_cleanup_buffer_ struct buffer names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		buffer_printf(&names, "%s%s", i ? ", " : "", modes[i].name);
	return error_set(-EINVAL, "lab: there is no KVM mode '%s'; the modes are %s", name,
			 buffer_text(&names));
}

int kvm_mode_find(const char *name, const struct kvm_mode **ret_mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, name) != 0)
			continue;
		*ret_mode = &modes[i];
		return 0;
	}
	return refuse_mode(name);
}

int machine_check(const struct machine *machine)
{
	return tools_check(&machine->arch->emulator, 1, "the lab");
}

/* A file name inside one of QEMU's comma-separated lists. */
static int quote(const char *path, struct buffer *out)
{
	int r = 0;

	for (; r >= 0 && *path; path++)
		r = buffer_append(out, *path == ',' ? ",," : path, *path == ',' ? 2 : 1);
	return r;
}

static void add_list(struct words *words, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words_add(words, "%s", list[i]);
}

static void add_board(struct words *words, const struct machine *machine)
{
	words_add(words, "-machine");
	if (machine->arch->el2)
		words_add(words, "%s,gic-version=%d%s", machine->arch->board, machine->gic,
			  machine->mte ? ",mte=on" : "");
	else
		words_add(words, "%s", machine->arch->board);
	words_add(words, "-accel");
	words_add(words, "tcg%s", machine->turns || machine->arch->turns ? ",thread=single" : "");
}

/* Only `max` has many ways to sign pointers, and QEMU's own is far cheaper to emulate. */
static void add_cpu(struct words *words, const struct machine *machine)
{
	const struct arch *arch = machine->arch;
	const char *cpu = machine->cpu ? machine->cpu : arch->cpu;
	bool quick = arch->el2 && strcmp(cpu, "max") == 0;

	words_add(words, "-cpu");
	words_add(words, "%s%s%s", cpu, quick ? ",pauth-impdef=on" : "", arch->cpu_more);
	words_add(words, "-smp");
	words_add(words, "%d", machine->smp);
	words_add(words, "-m");
	words_add(words, "%dM", machine->memory_mb);
	if (machine->icount)
		add_list(words, icount_words, ARRAY_SIZE(icount_words));
}

static int add_files(struct words *words, const struct machine *machine)
{
	_cleanup_buffer_ struct buffer rootfs = { 0 }, share = { 0 };

	if (quote(machine->rootfs, &rootfs) < 0 || quote(machine->share, &share) < 0)
		return -ENOMEM;
	words_add(words, "-drive");
	words_add(words, "if=none,id=root,format=raw,readonly=on,file=%s", buffer_text(&rootfs));
	words_add(words, "-fsdev");
	words_add(words, "local,id=share,security_model=none,path=%s", buffer_text(&share));
	return 0;
}

static void add_kernel(struct words *words, const struct machine *machine, int initramfs)
{
	words_add(words, "-kernel");
	words_add(words, "%s", machine->kernel);
	words_add(words, "-initrd");
	words_add(words, "/proc/self/fd/%d", initramfs);
	words_add(words, "-append");
	words_add(words, "%s panic=-1 nokaslr hyptrace.lab=%s %s %s %s",
		  machine->verbose ? "loglevel=7" : "quiet",
		  machine->icount ? "icount" : "emulated", machine->arch->append,
		  machine->mode ? machine->mode->append : "", machine->append);
}

/* A stream of bytes between QEMU and us. */
struct channel {
	int ours, theirs;
};

static void channel_close(struct channel *channel)
{
	cleanup_close(&channel->ours);
	cleanup_close(&channel->theirs);
}

/* QEMU's end is named to it by its number. */
static int channel_open(struct words *words, const char *name, struct channel *channel)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(-errno, "lab: cannot make a socket pair: %m");
	*channel = (struct channel){ ends[0], ends[1] };
	words_add(words, "-chardev");
	words_add(words, "socket,id=%s,fd=%d", name, channel->theirs);
	return 0;
}

static void keep_open(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

static int command_line(const struct machine *machine, int initramfs, struct words *words)
{
	int r;

	words_add(words, "%s", machine->arch->emulator.name);
	add_list(words, fixed_words, ARRAY_SIZE(fixed_words));
	add_board(words, machine);
	add_cpu(words, machine);
	r = add_files(words, machine);
	add_kernel(words, machine, initramfs);
	return r;
}

int machine_start(const struct machine *machine, int initramfs, struct emulator *ret_emulator)
{
	_cleanup_(channel_close) struct channel port = { -1, -1 }, console = { -1, -1 };
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	_cleanup_words_ struct words words = { 0 };
	pid_t pid;
	int r;

	r = command_line(machine, initramfs, &words);
	if (r >= 0)
		r = channel_open(&words, "lab", &port);
	if (r >= 0)
		r = channel_open(&words, "console", &console);
	if (r >= 0)
		r = words.error;
	if (r < 0)
		return r;
	keep_open(initramfs);
	keep_open(port.theirs);
	keep_open(console.theirs);
	pid = process_start(words.words, (const int[3]){ null, console.theirs, console.theirs });
	if (pid < 0)
		return error_set(pid, "lab: cannot start %s: %s", machine->arch->emulator.name,
				 strerror(-pid));
	*ret_emulator = (struct emulator){ pid, TAKE_FD(port.ours), TAKE_FD(console.ours) };
	return 0;
}

void emulator_end(struct emulator *emulator)
{
	if (emulator->pid > 0) {
		kill(emulator->pid, SIGKILL);
		waitpid(emulator->pid, NULL, 0);
	}
	cleanup_close(&emulator->port);
	cleanup_close(&emulator->console);
	*emulator = EMULATOR_NONE;
}
