/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "collector/facts.h"
#include "collector/identity.h"
#include "collector/qmp_socket.h"

enum { WAIT_MS = 2000, ANSWER_MOST = 4 << 20, NS_PER_MS = 1000000 };

#define _cleanup_json_ _cleanup_(json_decrefp)

/* A conversation; what was read and not used yet is in `read`. */
struct qmp {
	int fd, stop_fd;
	uint64_t deadline_ns;
	struct buffer read;
	size_t used; /* of it */
};

static void hang_up(struct qmp *qmp)
{
	cleanup_close(&qmp->fd);
	buffer_release(&qmp->read);
}

/* --- the connection ----------------------------------------------------------- */

/*
 * QEMU's own view of the path, where this process may look at it. A path may be longer
 * than an address takes.
 */
static int open_socket_file(uint32_t pid, const char *path)
{
	_cleanup_free_ char *full =
		format_text("/proc/%u/%s/%s", pid, *path == '/' ? "root" : "cwd", path);
	int fd = full ? open(full, O_PATH | O_CLOEXEC) : -1;

	if (fd < 0)
		fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The path may be another process's by now, or in another folder. */
static int check_peer(int fd, uint32_t pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	return (uint32_t)peer.pid == pid ? 0 : -EREMOTE;
}

static int open_connection(uint32_t pid, const char *path, struct qmp *qmp)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int file = open_socket_file(pid, path);

	if (file < 0)
		return -ECONNREFUSED;
	qmp->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (qmp->fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file);
	if (connect(qmp->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return check_peer(qmp->fd, pid);
}

/* --- objects ------------------------------------------------------------------ */

/* Reads more, or fails once it takes too long, or is to stop. */
static int read_more(struct qmp *qmp)
{
	struct pollfd poll_fds[] = { { .fd = qmp->fd, .events = POLLIN },
				     { .fd = qmp->stop_fd, .events = POLLIN } };
	uint64_t now_ns = clock_now_ns();
	char bytes[16384];
	ssize_t n;

	if (now_ns >= qmp->deadline_ns || qmp->read.length > ANSWER_MOST)
		return -ETIMEDOUT;
	if (poll(poll_fds, ARRAY_SIZE(poll_fds),
		 (int)((qmp->deadline_ns - now_ns) / NS_PER_MS) + 1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (poll_fds[1].revents)
		return -ECANCELED;
	n = recv(qmp->fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n ? buffer_append(&qmp->read, bytes, (size_t)n) : -EPIPE;
}

static bool ends_a_line(const struct qmp *qmp)
{
	return qmp->read.length && qmp->read.data[qmp->read.length - 1] == '\n';
}

/* What is there may be a part of an object: it then takes more to tell. */
static int parse_object(struct qmp *qmp, json_t **ret_object)
{
	json_error_t error;

	*ret_object = json_loadb(buffer_text(&qmp->read) + qmp->used, qmp->read.length - qmp->used,
				 JSON_DISABLE_EOF_CHECK, &error);
	if (*ret_object) {
		qmp->used += (size_t)error.position;
		return 0;
	}
	return json_error_code(&error) == json_error_premature_end_of_input ? -EAGAIN : -EPROTO;
}

/* QEMU ends each with a line, and may spread it over several. */
static int hear_object(struct qmp *qmp, json_t **ret_object)
{
	int r = parse_object(qmp, ret_object);

	while (r == -EAGAIN) {
		do
			r = read_more(qmp);
		while (r >= 0 && !ends_a_line(qmp));
		if (r >= 0)
			r = parse_object(qmp, ret_object);
	}
	return r;
}

/* The member `key` of the next object that has it; events are passed over. */
static int hear(struct qmp *qmp, const char *key, json_t **ret_value)
{
	for (;;) {
		_cleanup_json_ json_t *object = NULL;
		int r = hear_object(qmp, &object);

		if (r >= 0 && json_object_get(object, "error"))
			r = -EPROTO;
		if (r < 0)
			return r;
		if (json_object_get(object, key)) {
			*ret_value = json_incref(json_object_get(object, key));
			return 0;
		}
	}
}

static int ask(struct qmp *qmp, const char *command, json_t **ret_value)
{
	ssize_t n = send(qmp->fd, command, strlen(command), MSG_NOSIGNAL);

	if (n != (ssize_t)strlen(command))
		return n < 0 ? -errno : -EAGAIN;
	return hear(qmp, "return", ret_value);
}

static int converse(struct qmp *qmp, char **ret_text)
{
	_cleanup_json_ json_t *greeting = NULL, *ready = NULL, *tree = NULL;
	int r = hear(qmp, "QMP", &greeting);

	if (r >= 0)
		r = ask(qmp, "{\"execute\":\"qmp_capabilities\"}\n", &ready);
	if (r >= 0)
		r = ask(qmp,
			"{\"execute\":\"human-monitor-command\",\"arguments\":"
			"{\"command-line\":\"info mtree -f\"}}\n",
			&tree);
	if (r < 0)
		return r;
	if (!json_is_string(tree))
		return -EPROTO;
	*ret_text = strdup(json_string_value(tree));
	return *ret_text ? 0 : -ENOMEM;
}

int qmp_memory_tree(uint32_t pid, int stop_fd, char **ret_text)
{
	_cleanup_(hang_up) struct qmp qmp = {
		.fd = -1,
		.stop_fd = stop_fd,
		.deadline_ns = clock_now_ns() + (uint64_t)WAIT_MS * NS_PER_MS,
	};
	_cleanup_buffer_ struct buffer words = { 0 };
	char path[QMP_PATH_BYTES];
	int r = process_file(pid, "cmdline", &words);

	if (r < 0 || !qmp_socket_from_words(buffer_text(&words), words.length, path))
		return -ENOENT;
	r = open_connection(pid, path, &qmp);
	return r < 0 ? r : converse(&qmp, ret_text);
}
