# SPDX-License-Identifier: GPL-2.0-only
# `make help` lists the targets; O= names the build folder, V=1 shows commands,
# CROSS_COMPILE= cross-builds, SAN=1 adds sanitizers, DESTDIR= and prefix= say
# where `make install` goes.

VERSION := 0.1
O ?= build
prefix ?= /usr/local
CROSS_COMPILE ?=
CC := $(CROSS_COMPILE)gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
ARM64 := aarch64-linux-gnu-
X86 := x86_64-linux-gnu-
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)';)

CFLAGS ?= -O2 -g
cflags := -std=gnu17 -D_GNU_SOURCE -DHYPTRACE_VERSION='"$(VERSION)"' \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter \
	-I. -I$(O) $(CFLAGS)
ldflags := $(LDFLAGS)
libs := -lcap-ng -lbpf -lelf -lz -lbabeltrace2 -ljansson -lsystemd
libs += -lncursesw -ltinfo
ifdef SAN
cflags += -fsanitize=address,undefined -fno-omit-frame-pointer
ldflags += -fsanitize=address,undefined
endif

folders := base collector analyzer live tui kvm-arm/decode kvm-x86/decode kvm-arm/lab
sources := hyptrace.c $(filter-out kvm-arm/lab/init.c kvm-arm/lab/init-%,$(wildcard $(addsuffix /*.c,$(folders))))
objects := $(sources:%.c=$(O)/%.o)
library := $(filter-out $(O)/hyptrace.o,$(objects))
probes := $(patsubst %.bpf.c,%,$(wildcard probes/*.bpf.c))
skeletons := $(probes:%=$(O)/%.skel.h)

guest := $(O)/guest
vmm := $(O)/hyptrace-vmm
init := $(O)/lab-init
init_x86 := $(O)/lab-init-x86
guest_x86 := $(O)/x86/guest
vmm_x86 := $(O)/x86/hyptrace-vmm
linux_initrd := $(O)/linux-guest.cpio
ust := $(addprefix $(O)/hyptrace-,preload.so ust.so ust-session)

.PHONY: all arm64 x86 deps demo check check-fast check-kernel bench soak lint man install uninstall clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(O)/hyptrace $(ust) $(guest) $(vmm) $(init) $(linux_initrd)

help:
	@echo 'make deps     install what building, testing and the lab need (Debian, root)'
	@echo 'make all      build $(O)/hyptrace, the counted guest and its VMM'
	@echo 'make x86      build what the lab needs for x86 hosts'
	@echo 'make demo     record guests on emulated nVHE and VHE hosts, print both ledgers'
	@echo 'make check    run all tests (check-fast: those without the lab)'
	@echo 'make check-kernel  build and boot other kernels (an hour and more, not in CI)'
	@echo 'make bench    measure costs, as ratios'
	@echo 'make soak     the dashboard under sanitizers while VMs come and go (SECONDS_WATCHED=600)'
	@echo 'make lint     check style, includes, manual pages'
	@echo 'make man      check the manual pages'
	@echo 'make install  install under DESTDIR and prefix ($(prefix))'
	@echo 'make clean    remove $(O)'
	@echo 'O=DIR V=1 CROSS_COMPILE=aarch64-linux-gnu- SAN=1 DESTDIR= prefix='

# --- hyptrace -------------------------------------------------------------

$(O)/hyptrace: $(objects)
	$(call say,LINK,$@)$(CC) $(ldflags) -o $@ $^ $(libs)

$(O)/%.o: %.c | $(skeletons)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(cflags) -MMD -MP -c -o $@ $<

$(O)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) -O2 -g -Wall -target bpf -mcpu=v3 -D__TARGET_ARCH_arm64 -I. -Iprobes \
		-idirafter /usr/include/$(shell $(CC) -print-multiarch) -MMD -MP -c -o $@ $<

$(O)/%.skel.h: $(O)/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $(notdir $*) > $@

# --- the VMM's side: into any process, so without sanitizers ------------------

ust_flags := $(filter-out -fsanitize=%,$(cflags))

# Linked with nothing but libc: it comes into every process of COMMAND.
$(O)/hyptrace-preload.so: $(O)/ust/preload.o
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -shared -o $@ $^

$(O)/hyptrace-ust.so: $(O)/ust/provider.o
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -shared -o $@ $^ -llttng-ust

$(O)/hyptrace-ust-session: $(O)/ust/session.o $(O)/base/buffer.o $(O)/base/error.o
	$(call say,LINK,$@)$(CC) $(ldflags) -o $@ $^ -llttng-ctl

$(O)/ust/%.o: probes/ust/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ust_flags) -fPIC -MMD -MP -c -o $@ $<

# --- the counted guest, its VMM, the lab's init: always arm64 ---------------

guest_sources := $(filter-out %/poweroff.c,$(wildcard kvm-arm/guest/*.c kvm-arm/guest/*.S))
guest_objects := $(patsubst %,$(O)/%.o,$(filter-out %.lds.S,$(guest_sources)))
guest_flags := -std=gnu17 -O2 -g -Wall -Wextra -I. -ffreestanding -fno-builtin -nostdinc \
	-isystem $(shell $(ARM64)gcc -print-file-name=include) -march=armv8-a -mgeneral-regs-only \
	-mstrict-align -mno-outline-atomics -mbranch-protection=none -fno-pic -fno-pie \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns

$(O)/kvm-arm/guest/%.c.o: kvm-arm/guest/%.c
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(ARM64)gcc $(guest_flags) -MMD -MP -c -o $@ $<

$(O)/kvm-arm/guest/%.S.o: kvm-arm/guest/%.S
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(ARM64)gcc $(guest_flags) -MMD -MP -c -o $@ $<

$(O)/kvm-arm/guest/guest.lds: kvm-arm/guest/guest.lds.S kvm-arm/guest/platform.h
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(ARM64)gcc -E -P -x assembler-with-cpp -I. -o $@ $<

$(guest).elf: $(guest_objects) $(O)/kvm-arm/guest/guest.lds
	$(call say,LINK,$@)$(ARM64)gcc -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096,--no-warn-rwx-segments -T $(O)/kvm-arm/guest/guest.lds -o $@ $(guest_objects)

$(guest): $(guest).elf
	$(call say,OBJCOPY,$@)$(ARM64)objcopy -O binary $< $@

vmm_objects := $(patsubst %.c,$(O)/vmm-objects/%.o,$(wildcard kvm-arm/vmm/*.c) \
	base/buffer.c base/cmdline.c base/error.c)

$(O)/vmm-objects/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(ARM64)gcc -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -I. -MMD -MP -c -o $@ $<

$(vmm): $(vmm_objects)
	$(call say,LINK,$@)$(ARM64)gcc -pthread -o $@ $^

# The same for x86: a counted guest, its VMM
guest_x86_objects := $(patsubst %,$(O)/%.o,$(filter-out %.lds.S,$(wildcard kvm-x86/guest/*.c kvm-x86/guest/*.S)))
guest_x86_flags := -std=gnu17 -O2 -g -Wall -Wextra -I. -ffreestanding -fno-builtin -nostdinc \
	-isystem $(shell $(X86)gcc -print-file-name=include) -mgeneral-regs-only -mno-red-zone \
	-fcf-protection=none -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables

$(O)/kvm-x86/guest/%.o: kvm-x86/guest/%
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(X86)gcc $(guest_x86_flags) -MMD -MP -c -o $@ $<

$(O)/kvm-x86/guest/guest.lds: kvm-x86/guest/guest.lds.S kvm-x86/guest/platform.h
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(X86)gcc -E -P -x assembler-with-cpp -I. -o $@ $<

$(guest_x86).elf: $(guest_x86_objects) $(O)/kvm-x86/guest/guest.lds
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(X86)gcc -nostdlib -static -no-pie -Wl,--build-id=none,--no-warn-rwx-segments \
		-T $(O)/kvm-x86/guest/guest.lds -o $@ $(guest_x86_objects)

$(guest_x86): $(guest_x86).elf
	$(call say,OBJCOPY,$@)$(X86)objcopy -O binary $< $@

vmm_x86_objects := $(patsubst %.c,$(O)/vmm-x86-objects/%.o,$(wildcard kvm-x86/vmm/*.c) \
	kvm-arm/vmm/stats.c kvm-arm/vmm/cpus.c base/buffer.c base/cmdline.c base/error.c)

$(O)/vmm-x86-objects/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(X86)gcc -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -I. -MMD -MP -c -o $@ $<

$(vmm_x86): $(vmm_x86_objects)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(X86)gcc -o $@ $^

$(init): compiler := $(ARM64)gcc
$(init_x86): compiler := $(X86)gcc
$(init) $(init_x86): $(wildcard kvm-arm/lab/init.c kvm-arm/lab/init-*.c kvm-arm/lab/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compiler) -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -I. -static -o $@ $(filter %.c,$^)

$(linux_initrd): kvm-arm/guest/poweroff.c
	@mkdir -p $(O)/linux-guest
	$(call say,CPIO,$@)$(ARM64)gcc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -static -o $(O)/linux-guest/init $< && \
		cd $(O)/linux-guest && echo init | cpio --quiet -o -H newc > ../$(notdir $@)

# hyptrace for the lab's hosts, beside what runs there with it
arm64: all
	+$(Q)$(MAKE) --no-print-directory CROSS_COMPILE=$(ARM64) O=$(O)/arm64 SAN= \
		$(O)/arm64/hyptrace $(patsubst $(O)/%,$(O)/arm64/%,$(ust)) $(O)/arm64/verified $(O)/arm64/check-records $(O)/arm64/attach-empty
	$(Q)ln -f $(guest) $(vmm) $(linux_initrd) $(O)/arm64/

x86: $(init_x86) $(guest_x86) $(vmm_x86)
	+$(Q)$(MAKE) --no-print-directory CROSS_COMPILE=$(X86) O=$(O)/x86 SAN= $(O)/x86/hyptrace $(O)/x86/verified

$(O)/check-records: $(O)/tests/lab/check_records.o $(library)
	$(call say,LINK,$@)$(CC) $(ldflags) -o $@ $^ $(libs)

$(O)/verified: $(O)/tests/lab/verified.o $(library)
	$(call say,LINK,$@)$(CC) $(ldflags) -o $@ $^ $(libs)

$(O)/attach-empty: tests/bench/attach_empty.c $(O)/tests/bench/empty.skel.h
	$(call say,CC,$<)$(CC) $(cflags) $(ldflags) -o $@ $< -lbpf -lelf -lz

# --- tests ------------------------------------------------------------------

unit := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
helpers := $(patsubst %.c,$(O)/%,$(wildcard tests/golden/*.c tests/integration/*.c))
test_skeletons := $(patsubst %.bpf.c,$(O)/%.skel.h,$(wildcard tests/integration/*.bpf.c))

$(filter-out %.bpf,$(unit) $(helpers)): $(O)/tests/%: $(O)/tests/%.o $(library)
	$(call say,LINK,$@)$(CC) $(ldflags) -o $@ $^ -lcmocka $(libs)

$(O)/tests/unit/test_guest: $(addprefix $(O)/kvm-arm/guest/,text.o fdt.o plan.o)

$(patsubst %.c,$(O)/%.o,$(filter-out %.bpf.c,$(wildcard tests/integration/*.c))): | $(test_skeletons)

check: all arm64 x86 $(unit) $(filter-out %.bpf,$(helpers)) $(O)/verified
	$(Q)O=$(O) tests/run.sh

check-fast: all $(unit) $(filter-out %.bpf,$(helpers)) $(O)/verified
	$(Q)O=$(O) tests/run.sh lint unit golden integration

check-kernel: all arm64
	$(Q)O=$(O) tests/run.sh kernel

# Beside the other build, whose objects have no sanitizers
soak:
	+$(Q)$(MAKE) --no-print-directory O=$(O)/san SAN=1 $(O)/san/hyptrace \
		$(addprefix $(O)/san/tests/integration/,recorder vms_come_and_go)
	$(Q)O=$(O)/san tests/bench/soak.sh

bench: arm64 $(filter-out %.bpf,$(helpers)) $(O)/attach-empty
	$(Q)O=$(O) tests/bench/run.sh

demo: arm64
	$(Q)O=$(O) kvm-arm/lab/demo.sh

lint:
	$(Q)tests/lint.sh

man:
	$(Q)mandoc -Tlint -Wwarning man/*.1

# --- the rest ---------------------------------------------------------------

deps:
	$(Q)tests/deps.sh

share := $(DESTDIR)$(prefix)/share
install: all
	install -D -m 755 $(O)/hyptrace $(DESTDIR)$(prefix)/bin/hyptrace
	install -d $(DESTDIR)$(prefix)/lib/hyptrace
	install -m 755 $(ust) $(DESTDIR)$(prefix)/lib/hyptrace/
	install -D -m 755 $(vmm) $(share)/hyptrace/guest/hyptrace-vmm
	install -D -m 644 $(guest) $(share)/hyptrace/guest/guest
	[ ! -e $(guest_x86) ] || install -D -m 755 -t $(share)/hyptrace/guest-x86 $(vmm_x86) $(guest_x86)
	install -D -m 755 $(init) $(share)/hyptrace/lab/lab-init
	[ ! -e $(init_x86) ] || install -m 755 $(init_x86) $(share)/hyptrace/lab/
	install -m 755 kvm-arm/lab/build-*.sh kvm-arm/lab/find-*.sh $(share)/hyptrace/lab/
	install -m 644 kvm-arm/lab/kernel*.config kvm-arm/lab/rootfs*.packages kvm-arm/lab/modules* \
		$(share)/hyptrace/lab/
	for series in kernel-patches/v*; do \
		install -d $(share)/hyptrace/$$series && \
		install -m 644 $$series/*.patch $(share)/hyptrace/$$series/ || exit 1; done
	install -d $(share)/man/man1
	install -m 644 man/*.1 $(share)/man/man1/
	install -D -m 644 man/hyptrace.bash $(share)/bash-completion/completions/hyptrace

uninstall:
	rm -rf $(share)/hyptrace $(DESTDIR)$(prefix)/lib/hyptrace $(share)/bash-completion/completions/hyptrace
	rm -f $(DESTDIR)$(prefix)/bin/hyptrace $(share)/man/man1/hyptrace*.1

clean:
	rm -rf $(O)

-include $(shell [ -d $(O) ] && find $(O) -name '*.d')
