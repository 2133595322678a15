/* SPDX-License-Identifier: GPL-2.0-only */
/* How one WFI ended; shared by C and assembly. */
#ifndef GUEST_WAIT_H
#define GUEST_WAIT_H

#define WAIT_TOO_LATE 0 /* the interrupt came before the WFI, which was not executed */
#define WAIT_DONE 1	/* the WFI was executed, then the interrupt came */
#define WAIT_SHORT 2	/* the WFI was executed, and no interrupt came */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Executes one WFI with interrupts open; they are masked before and after. */
uint64_t wait_for_interrupt(void);
#endif

#endif
