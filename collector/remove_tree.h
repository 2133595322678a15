/* SPDX-License-Identifier: GPL-2.0-only */
/* Removing a folder that another user may change meanwhile. */
#ifndef COLLECTOR_REMOVE_TREE_H
#define COLLECTOR_REMOVE_TREE_H

/*
 * Removes a folder with all that is in it, as far as this process may. Links are
 * removed, never followed, whatever its owner does meanwhile: nothing outside is touched.
 */
void remove_tree(const char *path);

#endif
