/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a QEMU serves its machine protocol (QMP), by its own command line. */
#ifndef COLLECTOR_QMP_SOCKET_H
#define COLLECTOR_QMP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

enum { QMP_PATH_BYTES = 512 };

/*
 * The UNIX socket on which QEMU listens for QMP; `words` holds `length` bytes, a NUL
 * behind each word. Knows -qmp and -qmp-pretty with unix:PATH or chardev:ID, and -mon
 * with mode=control, with the -chardev socket,path=PATH that they name. A monitor that
 * libvirt has made for itself is none. False where there is no other.
 */
bool qmp_socket_from_words(const char *words, size_t length, char ret_path[QMP_PATH_BYTES]);

#endif
