/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The init of the Linux guest: the smallest user space there is. Says that the
 * guest got here, and powers it off.
 */
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
	puts("the Linux guest has booted");
	fflush(stdout);
	sync();
	return reboot(RB_POWER_OFF);
}
