/* SPDX-License-Identifier: GPL-2.0-only */
/* COMMAND's program: found, checked and executed, or refused with a sentence. */
#ifndef KVM_ARM_LAB_INIT_EXEC_H
#define KVM_ARM_LAB_INIT_EXEC_H

enum { NOT_RUNNABLE = 126 }; /* the exit status of a program that cannot be executed */

/* Becomes the program that the first word names; the list ends with NULL. */
void exec_command(char **words) __attribute__((noreturn));

/* Prints a sentence on standard error and ends with that status. */
void refuse(int status, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
