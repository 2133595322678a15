/* SPDX-License-Identifier: GPL-2.0-only */
/* A device whose emulation takes time, under one lock for all, as in bigger VMMs. */
#ifndef VMM_SPIN_H
#define VMM_SPIN_H

/* Works for so many microseconds with the lock held; nothing at all for 0. */
void spin_work(unsigned int us);

#endif
