// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of the emulated host: a static program, alone in the
 * initramfs but for COMMAND's words and modules. It mounts the root file system and the
 * share, runs COMMAND between pipes, carries the pipes over the lab's port and
 * ends with COMMAND's exit status. Between two bytes it sleeps in poll().
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "kvm-arm/lab/frame.h"
#include "kvm-arm/lab/init-exec.h"
#include "kvm-arm/lab/init-look.h"
#include "kvm-arm/lab/init-modules.h"

#define NEW_ROOT "/root"

#define SHARE_OPTIONS "trans=virtio,version=9p2000.L,msize=262144,cache=none"

enum { WAIT_STEP_US = 1000, WAIT_STEPS = 10000 };

struct mount_row {
	const char *type, *source, *target;
	unsigned long flags;
	const char *options;
	bool optional;
};

/* In order. The root file system stays read-only: what runs inside never changes it. */
static const struct mount_row mounts[] = {
	{ "ext4", "/dev/vda", NEW_ROOT, MS_RDONLY | MS_NOATIME, NULL, false },
	{ "devtmpfs", "dev", NEW_ROOT "/dev", 0, NULL, false },
	{ "devpts", "devpts", NEW_ROOT "/dev/pts", 0, "mode=620,ptmxmode=666", false },
	{ "tmpfs", "shm", NEW_ROOT "/dev/shm", 0, NULL, false },
	{ "proc", "proc", NEW_ROOT "/proc", 0, NULL, false },
	{ "sysfs", "sysfs", NEW_ROOT "/sys", 0, NULL, false },
	{ "tracefs", "tracefs", NEW_ROOT "/sys/kernel/tracing", 0, NULL, true },
	{ "debugfs", "debugfs", NEW_ROOT "/sys/kernel/debug", 0, NULL, true },
	{ "bpf", "bpf", NEW_ROOT "/sys/fs/bpf", 0, NULL, true },
	{ "cgroup2", "cgroup", NEW_ROOT "/sys/fs/cgroup", 0, NULL, true },
	{ "tmpfs", "tmp", NEW_ROOT "/tmp", 0, "mode=1777", false },
	{ "tmpfs", "run", NEW_ROOT "/run", 0, "mode=755", false },
	{ "tmpfs", "var", NEW_ROOT "/var/tmp", 0, "mode=1777", false },
	{ "tmpfs", "home", NEW_ROOT "/root", 0, "mode=700", false },
	{ "9p", LAB_SHARE_TAG, NEW_ROOT LAB_SHARE, 0, SHARE_OPTIONS, false },
};

/* What devtmpfs leaves to user space. */
static const struct link_row {
	const char *path, *target;
} links[] = {
	{ NEW_ROOT "/dev/fd", "/proc/self/fd" },
	{ NEW_ROOT "/dev/stdin", "/proc/self/fd/0" },
	{ NEW_ROOT "/dev/stdout", "/proc/self/fd/1" },
	{ NEW_ROOT "/dev/stderr", "/proc/self/fd/2" },
};

/* COMMAND's words or variables, as the initramfs holds them. */
struct words {
	char *text;
	char **words; /* ends with NULL, points into text */
};

struct outlet {
	int fd; /* the pipe's read end, -1 once it is closed */
	uint32_t kind;
};

struct session {
	int port;
	int signals;
	struct outlet outlets[2];
	int input; /* the write end of COMMAND's standard input, -1 once it is closed */
	char typed[LAB_PAYLOAD];
	size_t typed_from, typed_to; /* what is not written to `input` yet */
	pid_t command;
	int status; /* -1 while COMMAND runs */
};

/* No way to report: one line on the kernel's console, then the power goes off. */
static void __attribute__((format(printf, 1, 2), noreturn)) die(const char *format, ...)
{
	int err = errno;
	FILE *log = fopen("/dev/kmsg", "we");
	va_list args;

	va_start(args, format);
	errno = err;
	if (log) {
		fputs("<3>lab-init: ", log);
		vfprintf(log, format, args);
		fclose(log);
	}
	va_end(args);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static char *read_file(const char *path, size_t *ret_length)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	ssize_t length;

	if (!file)
		return NULL;
	/* No file of the initramfs holds this byte: one call reads it to its end. */
	length = getdelim(&text, &size, 0xff, file);
	*ret_length = length < 0 ? 0 : (size_t)length;
	return TAKE_PTR(text);
}

static struct words read_words(const char *path)
{
	struct words list = { 0 };
	size_t length = 0, count = 0;

	list.text = read_file(path, &length);
	if (!list.text)
		die("cannot read %s: %m", path);
	for (size_t i = 0; i < length; i++)
		count += list.text[i] == '\0';
	list.words = calloc(count + 1, sizeof(*list.words));
	if (!list.words)
		die("no memory");
	count = 0;
	for (size_t i = 0; i < length; i += strlen(list.text + i) + 1)
		list.words[count++] = list.text + i;
	return list;
}

static void mount_row(const struct mount_row *row)
{
	mkdir(row->target, 0755);
	if (mount(row->source, row->target, row->type, row->flags, row->options) < 0 &&
	    !row->optional)
		die("cannot mount %s on %s: %m", row->type, row->target);
}

/* First of all: it holds the log that die() writes to. */
static void mount_devices(void)
{
	mkdir("/dev", 0755);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL) < 0)
		die("cannot mount devtmpfs: %m");
}

static void enter_root(void)
{
	mkdir(NEW_ROOT, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		mount_row(&mounts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0)
			die("cannot make %s: %m", links[i].path);
	if (chdir(NEW_ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		die("cannot enter the root file system: %m");
}

static bool port_is_ours(const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t length = 0;

	if (name[0] == '.' || asprintf(&path, "/sys/class/virtio-ports/%s/name", name) < 0)
		return false;
	text = read_file(path, &length);
	return text && strncmp(text, LAB_PORT "\n", length) == 0 && length;
}

/* Returns the port's descriptor, or -1 while the kernel has not found it yet. */
static int try_port(void)
{
	_cleanup_closedir_ DIR *folder = opendir("/sys/class/virtio-ports");
	_cleanup_free_ char *path = NULL;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (!port_is_ours(entry->d_name))
			continue;
		if (asprintf(&path, "/dev/%s", entry->d_name) < 0)
			return -1;
		return open(path, O_RDWR | O_CLOEXEC);
	}
	return -1;
}

static bool port_is_connected(int port)
{
	struct pollfd pfd = { .fd = port, .events = POLLIN };

	return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

/* Ports turn up, and connect, some time after the kernel has started us. */
static int open_port(void)
{
	int port = -1;

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (port < 0)
			port = try_port();
		if (port >= 0 && port_is_connected(port))
			return port;
		usleep(WAIT_STEP_US);
	}
	die("there is no connected virtio-serial port " LAB_PORT);
}

static void write_fully(int fd, const void *bytes, size_t length)
{
	for (ssize_t n; length; bytes = (const char *)bytes + n, length -= n) {
		n = write(fd, bytes, length);
		if (n < 0 && errno != EINTR)
			die("cannot write to the lab: %m");
		if (n < 0)
			n = 0;
	}
}

static void read_fully(int fd, void *bytes, size_t length)
{
	for (ssize_t n; length; bytes = (char *)bytes + n, length -= n) {
		n = read(fd, bytes, length);
		if (n == 0 || (n < 0 && errno != EINTR))
			die("cannot read from the lab: %m");
		if (n < 0)
			n = 0;
	}
}

static void send_frame(int port, uint32_t kind, const void *bytes, size_t length)
{
	char frame[sizeof(struct lab_frame) + LAB_PAYLOAD];
	struct lab_frame head = { kind, (uint32_t)length };

	memcpy(frame, &head, sizeof(head));
	memcpy(frame + sizeof(head), bytes, length);
	write_fully(port, frame, sizeof(head) + length);
}

static void set_up_loopback(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	ioctl(fd, SIOCSIFFLAGS, &request);
}

static void set_clock(const char *seconds)
{
	const struct timespec now = { .tv_sec = seconds ? atoll(seconds) : 0 };

	clock_settime(CLOCK_REALTIME, &now);
}

static void raise_limits(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit files = { 65536, 65536 };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	setrlimit(RLIMIT_NOFILE, &files);
}

static void load_all(char *const *modules)
{
	const char *failed = load_modules(modules);

	if (failed)
		die("cannot load the module %s: %m", failed);
}

/* What the kernel said about KVM's mode, or "" where it said nothing. */
static void kvm_mode_line(char line[static 256])
{
	_cleanup_close_ int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	ssize_t length;

	line[0] = '\0';
	while (log >= 0 && (length = read(log, record, sizeof(record) - 1)) > 0) {
		char *text, *end;

		record[length] = '\0';
		text = strchr(record, ';');
		end = strchr(record, '\n');
		if (end)
			*end = '\0';
		if (text && fnmatch("kvm *mode initialized*", text + 1, 0) == 0)
			snprintf(line, 256, "%s", text + 1);
	}
}

/* The CPU may not have the mode that was asked for: say so rather than measure another. */
static bool mode_is_wrong(const char *pattern, char line[static 256])
{
	if (!pattern || !*pattern)
		return false;
	kvm_mode_line(line);
	return fnmatch(pattern, line, 0) != 0;
}

static void __attribute__((noreturn))
run_command(char **words, char **environment, const int pipes[3][2], const sigset_t *mask)
{
	setsid();
	dup2(pipes[0][0], STDIN_FILENO);
	dup2(pipes[1][1], STDOUT_FILENO);
	dup2(pipes[2][1], STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	environ = environment;
	if (chdir(LAB_SHARE) < 0)
		refuse(NOT_RUNNABLE, "cannot enter " LAB_SHARE ": %m");
	exec_command(words);
}

static void start_session(struct session *session, char **words, char **environment)
{
	int pipes[3][2];
	sigset_t chld, before;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &before);
	signal(SIGPIPE, SIG_IGN);
	session->signals = signalfd(-1, &chld, SFD_CLOEXEC);
	for (int i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			die("cannot make a pipe: %m");
	session->command = fork();
	if (session->command == 0)
		run_command(words, environment, pipes, &before);
	if (session->command < 0 || session->signals < 0)
		die("cannot start the command: %m");
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	session->input = pipes[0][1];
	session->outlets[0] = (struct outlet){ pipes[1][0], LAB_STDOUT };
	session->outlets[1] = (struct outlet){ pipes[2][0], LAB_STDERR };
	fcntl(session->input, F_SETFL, O_NONBLOCK);
	fcntl(pipes[1][0], F_SETFL, O_NONBLOCK);
	fcntl(pipes[2][0], F_SETFL, O_NONBLOCK);
}

/* Carries one read's worth to the lab. Returns false when there was nothing. */
static bool outlet_carry(struct outlet *outlet, int port)
{
	char bytes[LAB_PAYLOAD];
	ssize_t length;

	if (outlet->fd < 0)
		return false;
	length = read(outlet->fd, bytes, sizeof(bytes));
	if (length > 0) {
		send_frame(port, outlet->kind, bytes, length);
		return true;
	}
	if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(outlet->fd);
		outlet->fd = -1;
	}
	return false;
}

static void input_close(struct session *session)
{
	if (session->input >= 0)
		close(session->input);
	session->input = -1;
	session->typed_from = session->typed_to = 0;
}

static void send_line(void *context, const char *text)
{
	const struct session *session = context;

	send_frame(session->port, LAB_STDERR, text, strlen(text));
}

static void input_receive(struct session *session)
{
	struct lab_frame head;

	read_fully(session->port, &head, sizeof(head));
	if (head.kind == LAB_LOOK)
		return look_at_processes(send_line, session);
	if (head.kind != LAB_STDIN || head.length > LAB_PAYLOAD)
		die("the lab sent a frame of kind %u, length %u", head.kind, head.length);
	read_fully(session->port, session->typed, head.length);
	session->typed_from = 0;
	session->typed_to = head.length;
	if (!head.length || session->input < 0)
		input_close(session);
}

static void input_write(struct session *session)
{
	ssize_t n = write(session->input, session->typed + session->typed_from,
			  session->typed_to - session->typed_from);

	if (n >= 0)
		session->typed_from += n;
	else if (errno != EAGAIN && errno != EINTR)
		input_close(session);
}

static void reap(struct session *session)
{
	struct signalfd_siginfo ignored;
	int status;
	pid_t pid;

	if (read(session->signals, &ignored, sizeof(ignored)) < 0)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != session->command)
			continue;
		session->status =
			WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static void session_step(struct session *session)
{
	bool typed = session->typed_from < session->typed_to;
	struct pollfd fds[] = {
		{ .fd = session->signals, .events = POLLIN },
		{ .fd = session->outlets[0].fd, .events = POLLIN },
		{ .fd = session->outlets[1].fd, .events = POLLIN },
		{ .fd = typed ? session->input : -1, .events = POLLOUT },
		{ .fd = typed ? -1 : session->port, .events = POLLIN },
	};

	if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		return;
	for (int i = 0; i < 2; i++)
		if (fds[1 + i].revents)
			outlet_carry(&session->outlets[i], session->port);
	if (fds[3].revents)
		input_write(session);
	if (fds[4].revents)
		input_receive(session);
	if (fds[0].revents)
		reap(session);
}

static void __attribute__((noreturn)) finish(const struct session *session)
{
	unsigned char status = session->status;

	umount(LAB_SHARE);
	sync();
	send_frame(session->port, LAB_STATUS, &status, 1);
	sleep(10); /* the lab ends the machine when it has the status */
	reboot(RB_POWER_OFF);
	_exit(status);
}

/* What COMMAND left behind must not hold the share or print for ever. */
static void end_processes(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void run_session(struct session *session, char **words, char **environment)
{
	start_session(session, words, environment);
	while (session->status < 0)
		session_step(session);
	end_processes();
	for (int i = 0; i < 2; i++)
		while (outlet_carry(&session->outlets[i], session->port))
			;
}

static void report_wrong_mode(struct session *session, const char *line)
{
	char sentence[400];
	int length = snprintf(sentence, sizeof(sentence),
			      "hyptrace: lab: this CPU does not give the KVM mode asked for; the "
			      "kernel says '%s'\n",
			      line[0] ? line : "no KVM");

	send_frame(session->port, LAB_STDERR, sentence, length);
	session->status = NOT_RUNNABLE;
}

int main(void)
{
	static struct session session = { .status = -1, .input = -1 };
	struct words command = read_words("/" LAB_COMMAND);
	struct words environment = read_words("/" LAB_ENVIRONMENT);
	struct words mode = read_words("/" LAB_MODE);
	struct words modules = read_words("/" LAB_MODULES);
	struct words clock = read_words("/" LAB_CLOCK);
	char line[256];

	mount_devices();
	set_clock(clock.words[0]);
	sethostname("lab", strlen("lab"));
	load_all(modules.words);
	enter_root();
	session.port = open_port();
	set_up_loopback();
	raise_limits();
	if (mode_is_wrong(mode.words[0], line))
		report_wrong_mode(&session, line);
	else
		run_session(&session, command.words, environment.words);
	finish(&session);
}
