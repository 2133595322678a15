/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sentence about what went wrong, kept where most is known and printed by
 * main() alone.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * Stores one sentence (what failed, on what, what to do) for the calling
 * thread, unless one is stored already: the first one knows most.
 *
 * err: a negative errno. Returned unchanged, so that a caller can write
 * `return error_set(-EINVAL, "...")`.
 */
int error_set(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The stored sentence, or the text of errno `-err` where none was stored.
 * Owned by this module, valid until the next error_set() or error_clear().
 */
const char *error_text(int err);

void error_clear(void);

#endif
