/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lab builds once: a folder per thing, named after a hash of all that
 * went into it, in the user's cache.
 */
#ifndef KVM_ARM_LAB_CACHE_H
#define KVM_ARM_LAB_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* 64-bit FNV-1a. Start from LAB_HASH_START. */
#define LAB_HASH_START 0xcbf29ce484222325u

void lab_hash_bytes(uint64_t *hash, const void *bytes, size_t length);

/* The text with its NUL, so that two texts differ from their concatenation. */
void lab_hash_text(uint64_t *hash, const char *text);

/* A file's length and contents. Returns 0, or a negative errno with a sentence. */
int lab_hash_file(uint64_t *hash, const char *path);

/*
 * The folder of the thing of that kind and hash, to be freed by the caller; its
 * parents are made. Returns 0 where it does not exist yet, 1 where it does, or
 * a negative errno with a sentence.
 */
int lab_cache_find(const char *kind, uint64_t hash, char **ret_entry);

/*
 * Runs a script that makes the folder `entry`, its first argument, unless it
 * exists by the time no other process builds it. script: the script and its
 * arguments after the first; ends with NULL.
 *
 * Returns 0, or a negative errno with a sentence.
 */
int lab_cache_build(const char *entry, char *const *script);

#endif
