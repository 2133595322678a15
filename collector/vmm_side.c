/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/vmm_side.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "collector/facts.h"
#include "collector/privileges.h"
#include "collector/remove_tree.h"
#include "collector/vmm_command.h"
#include "probes/ust/names.h"

enum {
	NOBODY = 65534,
	/* How long the session waits for a daemon that hangs, and we for the session. */
	DAEMON_S = 10,
	SESSION_S = 30,
	SIGNAL_MS = 50,	   /* how often to look for a signal meanwhile */
	REGISTER_MS = 500, /* and the VMM's start; LTTng's own is 3,000 */
	SLOWER = 20,	   /* emulated hosts */
	OPEN_FILES = 16,
	NOT_EXECUTABLE = 127,
};

/* --- what is needed ---------------------------------------------------------- */

/* Root's daemon ignores LTTNG_HOME and suffers no second one: the session is another user's. */
static struct vmm_side_user session_user(void)
{
	struct privileges_user user = privileges_user();

	if (!user.uid)
		return (struct vmm_side_user){ NOBODY, NOBODY };
	return (struct vmm_side_user){ user.uid, user.gid };
}

char *vmm_side_files(void)
{
	static const char *const places[] = { ".", "../lib/hyptrace" };
	_cleanup_free_ char *own = realpath("/proc/self/exe", NULL);
	char *slash = own ? strrchr(own, '/') : NULL;

	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *folder = format_text("%s/%s", own, places[i]);
		_cleanup_free_ char *file =
			folder ? format_text("%s/" UST_SESSION_FILE, folder) : NULL;

		if (file && access(file, X_OK) == 0)
			return realpath(folder, NULL);
	}
	return NULL;
}

/* Why this target cannot have a VMM's side; NULL where it can; *ret_r is 0 or -ENOMEM. */
static char *obstacle(const struct target_options *target, int *ret_r)
{
	const char *what = NULL;
	char *text;

	if (!target->command)
		return strdup("a process that runs already cannot be preloaded; --vmm needs -- "
			      "COMMAND");
	what = vmm_command_obstacle(target->command[0]);
	if (!what)
		return NULL;
	text = format_text("'%s' %s, which nothing can be preloaded into", target->command[0],
			   what);
	*ret_r = text ? 0 : -ENOMEM;
	return text;
}

/* --- the session ------------------------------------------------------------- */

static void become(struct vmm_side_user user)
{
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) < 0 || setgid(user.gid) < 0 || setuid(user.uid) < 0))
		_exit(1);
}

static int patience(int real)
{
	return facts_emulated() ? real * SLOWER : real;
}

/* In the child: fd 0 and 1 are the recorder's pipes, UST_FOLDER_FD is the trace's folder. */
_Noreturn static void run_session(const char *program, const char *home, const int fds[3],
				  struct vmm_side_user user)
{
	sigset_t none;
	char seconds[16];
	int high[3];

	for (int i = 0; i < 3; i++)
		high[i] = fcntl(fds[i], F_DUPFD, UST_FOLDER_FD + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid(); /* Ctrl-C is the recorder's to answer */
	if (dup2(high[0], UST_CONTROL_FD) < 0 || dup2(high[1], STDOUT_FILENO) < 0 ||
	    dup2(high[2], UST_FOLDER_FD) < 0 || close_range(UST_FOLDER_FD + 1, ~0U, 0) < 0)
		_exit(1);
	become(user);
	setenv("LTTNG_HOME", home, 1);
	snprintf(seconds, sizeof(seconds), "%d", patience(DAEMON_S));
	execl(program, program, home, seconds, NULL);
	_exit(NOT_EXECUTABLE);
}

static void close_pair(int (*pair)[2])
{
	cleanup_close(&(*pair)[0]);
	cleanup_close(&(*pair)[1]);
}

static int fork_session(struct vmm_side *side, const char *program, int folder_fd)
{
	_cleanup_(close_pair) int control[2] = { -1, -1 };
	_cleanup_(close_pair) int words[2] = { -1, -1 };

	if (pipe2(control, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0)
		return error_set(-errno, "cannot make a pipe: %s", strerror(errno));
	side->session = fork();
	if (side->session < 0) {
		side->session = 0;
		return error_set(-errno, "cannot fork: %s", strerror(errno));
	}
	if (side->session == 0)
		run_session(program, side->home, (int[]){ control[0], words[1], folder_fd },
			    side->user);
	side->control_fd = TAKE_FD(control[1]);
	side->words_fd = TAKE_FD(words[0]);
	return 0;
}

/* A line of the session's within `ms`, without its end; empty where there is none. */
static void read_words(const struct vmm_side *side, int ms, char *text, size_t size)
{
	struct pollfd wait = { .fd = side->words_fd, .events = POLLIN };
	ssize_t n = poll(&wait, 1, ms) == 1 ? read(side->words_fd, text, size - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static int await_ready(const struct vmm_side *side)
{
	char words[512];

	read_words(side, patience(SESSION_S) * 1000, words, sizeof(words));
	if (!strcmp(words, UST_SAYS_READY))
		return 0;
	if (!strncmp(words, UST_SAYS_NO, strlen(UST_SAYS_NO)))
		return error_set(-EIO, "%s", words + strlen(UST_SAYS_NO));
	return error_set(-EIO, UST_SESSION_FILE " does not run; install liblttng-ctl0 and "
						"lttng-tools");
}

/* In the child: whether the invoking user may make, and remove, entries of that folder. */
_Noreturn static void try_parent(const char *parent)
{
	int r = privileges_become_user();

	if (r >= 0 && access(parent, W_OK | X_OK) < 0)
		r = -errno;
	_exit(-r);
}

/*
 * Under sudo what root makes beside the trace is moved and removed as the invoking user:
 * it is not made where he may not.
 */
static int check_parent(const char *directory)
{
	_cleanup_free_ char *copy = strdup(directory);
	const char *parent = copy ? dirname(copy) : NULL;
	int status = 0;
	pid_t child;

	if (!parent)
		return -ENOMEM;
	if (!privileges_user().sudo)
		return 0;
	child = fork();
	if (child == 0)
		try_parent(parent);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return error_set(-errno, "cannot ask about '%s': %s", parent, strerror(errno));
	if (status)
		return error_set(-EACCES, "the invoking user may not write to '%s'", parent);
	return 0;
}

/* A new folder that the user of the session owns. */
static int make_folder(char *pattern, mode_t mode, struct vmm_side_user user)
{
	if (!mkdtemp(pattern))
		return error_set(-errno, "cannot make the folder '%s': %s", pattern,
				 strerror(errno));
	if (chmod(pattern, mode) < 0 ||
	    (geteuid() == 0 && chown(pattern, user.uid, user.gid) < 0)) {
		int err = errno;

		rmdir(pattern);
		return error_set(-err, "cannot give '%s' to user %d: %s", pattern, (int)user.uid,
				 strerror(err));
	}
	return 0;
}

static int make_folders(struct vmm_side *side, const char *directory)
{
	const char *temporary = getenv("TMPDIR");
	_cleanup_free_ char *home =
		format_text("%s/hyptrace-XXXXXX", temporary && *temporary ? temporary : "/tmp");
	size_t length = strlen(directory);
	_cleanup_free_ char *folder = NULL;
	int r;

	while (length > 1 && directory[length - 1] == '/')
		length--;
	folder = format_text("%.*s." VMM_SIDE_FOLDER "-XXXXXX", (int)length, directory);
	if (!home || !folder)
		return -ENOMEM;
	r = make_folder(home, 0711, side->user);
	if (r < 0)
		return r;
	side->home = TAKE_PTR(home);
	r = make_folder(folder, 0700, side->user);
	if (r >= 0)
		side->folder = TAKE_PTR(folder);
	return r;
}

/* What the dynamic linker preloads already stays. */
static int set_environment(struct vmm_side *side, const char *files)
{
	const char *before = getenv("LD_PRELOAD");
	char **to = side->environment;

	to[0] = format_text("LD_PRELOAD=%s/" UST_PRELOAD_FILE "%s%s", files, before ? ":" : "",
			    before ? before : "");
	to[1] = format_text(UST_PROVIDER_VARIABLE "=%s/" UST_PROVIDER_FILE, files);
	to[2] = format_text("LTTNG_HOME=%s", side->home);
	to[3] = format_text("LTTNG_UST_REGISTER_TIMEOUT=%d", patience(REGISTER_MS));
	for (int i = 0; i < VMM_SIDE_VARIABLES; i++)
		if (!to[i])
			return -ENOMEM;
	return 0;
}

static int start(struct vmm_side *side, const char *directory)
{
	_cleanup_free_ char *files = vmm_side_files();
	_cleanup_free_ char *program = files ? format_text("%s/" UST_SESSION_FILE, files) : NULL;
	_cleanup_close_ int folder_fd = -1;
	int r;

	side->user = session_user();
	if (!program)
		return error_set(-ENOENT, UST_SESSION_FILE " is not where hyptrace is");
	r = check_parent(directory);
	if (r >= 0)
		r = make_folders(side, directory);
	if (r < 0)
		return r;
	folder_fd = open(side->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return error_set(-errno, "cannot open '%s': %s", side->folder, strerror(errno));
	r = fork_session(side, program, folder_fd);
	if (r >= 0)
		r = await_ready(side);
	return r < 0 ? r : set_environment(side, files);
}

int vmm_side_open(struct vmm_side *side, const char *directory, const struct target_options *target)
{
	int r = 0;

	side->reason = obstacle(target, &r);
	if (r < 0 || side->reason)
		return r;
	r = start(side, directory);
	if (r >= 0)
		return 0;
	side->reason = strdup(error_text(r));
	error_clear();
	vmm_side_remove(side);
	return side->reason ? 0 : -ENOMEM;
}

bool vmm_side_is_open(const struct vmm_side *side)
{
	return side->session > 0;
}

const char *vmm_side_text(const struct vmm_side *side)
{
	if (side->reason)
		return side->reason;
	return vmm_side_is_open(side) ? VMM_SIDE_RECORDED : "";
}

int vmm_side_place(struct vmm_side *side, const char *directory)
{
	_cleanup_free_ char *place = NULL;

	if (!vmm_side_is_open(side))
		return 0;
	place = format_text("%s/" VMM_SIDE_FOLDER, directory);
	if (!place)
		return -ENOMEM;
	if (rename(side->folder, place) < 0)
		return error_set(-errno, "cannot move '%s' to '%s': %s", side->folder, place,
				 strerror(errno));
	free(side->folder);
	side->folder = TAKE_PTR(place);
	return 0;
}

/* --- the end ----------------------------------------------------------------- */

static bool has_ended(const struct vmm_side *side)
{
	_cleanup_close_ int fd = pidfd_open(side->session, 0);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int left_ms = patience(SESSION_S) * 1000, n = 0;

	while (fd >= 0 && n == 0 && left_ms > 0 && !wakeups_end_is_due()) {
		n = poll(&wait, 1, SIGNAL_MS);
		left_ms -= SIGNAL_MS;
	}
	return n == 1;
}

/*
 * The session gets its time to write; a daemon that hangs does not get it for ever, and
 * nobody does once we are told to end at once.
 */
static void await_end(struct vmm_side *side)
{
	if (!has_ended(side))
		kill(-side->session, SIGKILL);
	waitpid(side->session, NULL, 0);
	side->session = 0;
}

/* The folder itself comes first: from then on nobody else can change what is in it. */
static int give_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	static struct stat owner;

	if (place->level == 0) {
		_cleanup_free_ char *above = format_text("%s/..", path);

		if (!above || stat(above, &owner) < 0)
			return 1;
	}
	if (lchown(path, owner.st_uid, owner.st_gid) < 0)
		return 1;
	return 0;
}

static void remove_folder(char **path)
{
	if (*path)
		remove_tree(*path);
	free(*path);
	*path = NULL;
}

bool vmm_side_end(struct vmm_side *side)
{
	char words[16] = "";

	if (!vmm_side_is_open(side))
		return true;
	read_words(side, 0, words, sizeof(words));
	cleanup_close(&side->control_fd);
	side->control_fd = -1;
	await_end(side);
	cleanup_close(&side->words_fd);
	side->words_fd = -1;
	if (geteuid() == 0 && side->user.uid == NOBODY && side->folder)
		nftw(side->folder, give_one, OPEN_FILES, FTW_PHYS);
	return strcmp(words, UST_SAYS_GONE) != 0;
}

void vmm_side_remove(struct vmm_side *side)
{
	vmm_side_end(side);
	remove_folder(&side->folder);
	remove_folder(&side->home);
}

void vmm_side_release(struct vmm_side *side)
{
	vmm_side_end(side);
	remove_folder(&side->home); /* where the session could not itself */
	free(side->folder);
	free(side->reason);
	for (int i = 0; i < VMM_SIDE_VARIABLES; i++)
		free(side->environment[i]);
	*side = VMM_SIDE_NONE;
}
