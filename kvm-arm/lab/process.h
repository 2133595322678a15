/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs: whether they are there, and running them. */
#ifndef KVM_ARM_LAB_PROCESS_H
#define KVM_ARM_LAB_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

/* A program, or a file where the name starts with '/', and the Debian package it comes with. */
struct tool {
	const char *name;
	const char *package;
};

/*
 * Whether all tools are there. Returns 0, or -ENOENT with a sentence that names
 * the first one missing, its package and what needs it.
 */
int tools_check(const struct tool *tools, size_t count, const char *purpose);

/*
 * Starts a program that ends when we do. stdio: what becomes its descriptors 0,
 * 1 and 2, where a negative one stands for our own. Returns its pid or a
 * negative errno.
 */
pid_t process_start(char *const *words, const int stdio[3]);

/* Runs a program to its end. Returns its exit status, 128+n for signal n, or a negative errno. */
int process_run(char *const *words);

/*
 * The first line a program prints, without its newline; the caller frees it.
 * Returns 0, or a negative errno where it cannot be run, fails or prints nothing.
 */
int process_line(char *const *words, char **ret_line);

#endif
