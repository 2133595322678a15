/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What travels between `hyptrace lab` and the first process of its emulated
 * host: frames over one virtio-serial port, so that everything COMMAND printed
 * arrives before its exit status. Little endian on both sides.
 */
#ifndef KVM_ARM_LAB_FRAME_H
#define KVM_ARM_LAB_FRAME_H

#include <stdint.h>

#define LAB_PORT "hyptrace.lab" /* the virtio-serial port's name */
#define LAB_SHARE_TAG "share"	/* the 9p mount tag of --share's folder */
#define LAB_SHARE "/share"	/* where it is mounted, COMMAND's working folder */

/* Files of the initramfs; each holds words that each end with a NUL. */
#define LAB_COMMAND "command"
#define LAB_ENVIRONMENT "environment"
#define LAB_MODE "mode"	      /* one: a pattern for the kernel's line about KVM's mode */
#define LAB_MODULES "modules" /* names of the files that are modules, in the order to load them */
#define LAB_CLOCK "clock"     /* one: seconds since the epoch, as the machine has no clock */

enum lab_frame_kind {
	LAB_STDIN = 1, /* to COMMAND; an empty frame is the end of the file */
	LAB_STDOUT,
	LAB_STDERR,
	LAB_STATUS, /* one byte, the exit status; the last frame */
	LAB_LOOK,   /* empty, to the host: print what its threads are at, as standard error */
};

struct lab_frame {
	uint32_t kind;
	uint32_t length; /* of the payload that follows, at most LAB_PAYLOAD */
};

enum { LAB_PAYLOAD = 16384 };

#endif
