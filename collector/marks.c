/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/facts.h"

#define SOCKET_SUFFIX ".mark"

/* What is sent: the head of struct mark, and its text without the NUL. */
enum { MARK_HEAD = offsetof(struct mark, text) };

enum { NS_PER_US = 1000, US_PER_S = 1000000 };
#define SEND_TIMEOUT_NS UINT64_C(2000000000)

static int set_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return 0;
}

/* 0 where somebody listens there, else a negative errno. */
static int connect_to(int fd, const char *path)
{
	struct sockaddr_un address;
	int r = set_address(&address, path);

	if (r < 0)
		return r;
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

/* --- the recording's side ------------------------------------------------------ */

/* One that only this user may enter, and nobody else has prepared. */
static int make_private(const char *directory)
{
	struct stat found;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(directory, &found) < 0)
		return -errno;
	if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid() || found.st_mode & 077)
		return -EPERM;
	return 0;
}

/* A socket of a recording that was killed may be in the way. */
static int bind_to(int fd, const char *path)
{
	_cleanup_close_ int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	int r = set_address(&address, path);

	if (r < 0)
		return r;
	if (probe >= 0 && connect_to(probe, path) == -ECONNREFUSED)
		unlink(path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return chmod(path, 0600) < 0 ? -errno : 0;
}

static int listen_in(struct marks *marks, const char *directory)
{
	_cleanup_free_ char *path = format_text("%s/%d" SOCKET_SUFFIX, directory, getpid());
	int r = path ? make_private(directory) : -ENOMEM;

	if (r >= 0)
		r = bind_to(marks->fd, path);
	if (r < 0)
		return r;
	marks->path = TAKE_PTR(path);
	return 0;
}

int marks_open(struct marks *marks)
{
	unsigned int uid = geteuid();
	_cleanup_free_ char *run =
		uid ? format_text("/run/user/%u/hyptrace", uid) : strdup("/run/hyptrace");
	_cleanup_free_ char *other = format_text("/tmp/hyptrace-%u", uid);
	int r;

	if (!run || !other)
		return -ENOMEM;
	marks->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (marks->fd < 0)
		return error_set(-errno, "cannot make a socket for marks: %s", strerror(errno));
	r = listen_in(marks, run);
	if (r < 0)
		r = listen_in(marks, other);
	if (r < 0)
		return error_set(
			r, "'hyptrace mark' cannot reach this recording: no socket in %s or %s: %s",
			run, other, strerror(-r));
	return 0;
}

bool marks_next(const struct marks *marks, uint64_t now_ns, struct mark *ret_mark)
{
	struct mark mark = { 0 };
	ssize_t n = marks->fd < 0 ? -1 : recv(marks->fd, &mark, sizeof(mark) - 1, 0);

	if (n < MARK_HEAD)
		return false;
	if (mark.ns > now_ns)
		mark.ns = now_ns; /* nobody sends from the future */
	*ret_mark = mark;
	return true;
}

void marks_close(struct marks *marks)
{
	if (marks->path)
		unlink(marks->path);
	cleanup_close(&marks->fd);
	free(marks->path);
	*marks = MARKS_NONE;
}

/* --- the other side ------------------------------------------------------------ */

/* A socket that a recording may have made. */
struct place {
	int folder_fd, fd; /* O_PATH */
	const char *name;  /* in the folder; borrowed */
	uid_t owner;	   /* of both */
};

static void leave(struct place *place)
{
	cleanup_close(&place->fd);
	cleanup_close(&place->folder_fd);
}

/* As make_private() leaves it: ours, or root's; root trusts everybody with what is his own. */
static bool is_private(const struct stat *folder)
{
	uid_t uid = geteuid();

	return !(folder->st_mode & 077) && (folder->st_uid == uid || !folder->st_uid || !uid);
}

/*
 * Anybody may make a folder of such a name in /tmp, with a socket in it that takes what
 * is meant for a recording: it counts only where nobody but its owner can have made it.
 */
static int find_place(const char *path, struct place *place)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = strndup(path, (size_t)(slash - path));
	struct stat found;

	if (!folder)
		return -ENOMEM;
	place->folder_fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place->folder_fd < 0 || fstat(place->folder_fd, &found) < 0)
		return -errno;
	if (!is_private(&found))
		return -EPERM;
	place->owner = found.st_uid;
	place->name = slash + 1;
	place->fd = openat(place->folder_fd, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place->fd < 0 || fstat(place->fd, &found) < 0)
		return -errno;
	return S_ISSOCK(found.st_mode) && found.st_uid == place->owner ? 0 : -EPERM;
}

/* All recipients together have this long to make room. */
static void set_patience(int fd, uint64_t until_ns)
{
	uint64_t now_ns = clock_now_ns();
	uint64_t left_us = now_ns < until_ns ? (until_ns - now_ns) / NS_PER_US : 0;
	struct timeval patience = { .tv_sec = (time_t)(left_us / US_PER_S),
				    .tv_usec = (suseconds_t)(left_us % US_PER_S) + 1 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static int send_to(const char *path, const struct mark *mark, size_t size, uint64_t until_ns)
{
	_cleanup_(leave) struct place place = { .folder_fd = -1, .fd = -1 };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char opened[32];
	int r = fd < 0 ? -errno : find_place(path, &place);

	if (r < 0)
		return r;
	set_patience(fd, until_ns);
	snprintf(opened, sizeof(opened), "/proc/self/fd/%d", place.fd);
	r = connect_to(fd, opened);
	if (r == -ECONNREFUSED && place.owner == geteuid())
		unlinkat(place.folder_fd, place.name, 0); /* its recording was killed */
	if (r < 0)
		return r;
	return send(fd, mark, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int find_sockets(glob_t *ret_found)
{
	static const char *const patterns[] = { "/run/hyptrace/*" SOCKET_SUFFIX,
						"/run/user/*/hyptrace/*" SOCKET_SUFFIX,
						"/tmp/hyptrace-*/*" SOCKET_SUFFIX };

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (glob(patterns[i], i ? GLOB_APPEND : 0, NULL, ret_found) == GLOB_NOSPACE)
			return -ENOMEM;
	return 0;
}

int marks_send(uint64_t now_ns, const char *text)
{
	_cleanup_(globfree) glob_t found = { 0 };
	struct mark mark = { .ns = now_ns };
	uint64_t until_ns = clock_now_ns() + SEND_TIMEOUT_NS;
	size_t length = strlen(text);
	int sent = 0, r = find_sockets(&found);

	if (length >= MARK_TEXT)
		return error_set(-EINVAL, "a mark has %d bytes at most, not %zu", MARK_TEXT - 1,
				 length);
	memcpy(mark.text, text, length);
	for (size_t i = 0; r >= 0 && i < found.gl_pathc; i++)
		sent += send_to(found.gl_pathv[i], &mark, MARK_HEAD + length, until_ns) >= 0;
	return r < 0 ? r : sent;
}
