/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the modules that the initramfs carries. */
#ifndef KVM_ARM_LAB_INIT_MODULES_H
#define KVM_ARM_LAB_INIT_MODULES_H

/*
 * Loads the files /NAME in order; the list ends with NULL. A module for which
 * there is no hardware is passed over. Returns NULL, or the first name that
 * could not be loaded, with errno saying why.
 */
const char *load_modules(char *const *names);

#endif
