# SPDX-License-Identifier: GPL-2.0
# What can be made of haswitch: `make help` lists it. Each target first sees to the Debian packages that it needs.

REPO := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
KDIR ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
PREFIX ?= /usr

DEPS := $(REPO)/scripts/deps.sh
CHECK := $(REPO)/selftests/lab/check
BUILD_MODULE := $(REPO)/scripts/build-module.sh
# As many at once as there are CPUs, unless the caller has said how many.
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
INSTALLED = $(REPO)/build/modules/installed
# What KDIR is, once the module is built, and its release; for the shell.
BUILT = $$(cat $(INSTALLED)/.kdir)
RELEASE = $$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(BUILT)/include/generated/utsrelease.h)
# Of a running systemd, where there is one.
RELOAD = [ ! -d /run/systemd/system ] || systemctl daemon-reload
STOP = [ ! -d /run/systemd/system ] || \
	for unit in haswitch-snapshot.timer haagentd.service haagentd-witness.service haswitch.service; do \
	[ ! -e /lib/systemd/system/$$unit ] || systemctl disable --quiet --now $$unit || exit 1; done

# What `make nemesis` and `make power` run, and where: a kernel of one CPU has simulated time, one before 7.2 a switch.
SEEDS ?= 1-60
NEMESIS_KERNEL ?= uml72-one
POWER_KERNEL ?= uml612

.DEFAULT_GOAL := all

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

all: modules userspace ## module for KDIR (default: the running kernel), tools and agent

modules: ## haswitch.ko for KDIR (a build directory, or a name of scripts/kernels.sh), no warning at W=1
	@$(DEPS) build
	@$(BUILD_MODULE) $(KDIR)

userspace: ## haadm, haagentd and the library, in build/userspace
	@$(DEPS) userspace
	@$(MAKE) --no-print-directory $(JOBS) -C userspace

quick: ## within 90 s: user space, its unit tests, the house rules that need no kernel, one test in a UML kernel
	@$(DEPS) check
	@$(CHECK) -t quick

check: ## everything that CI runs: each test on one kernel, its further kernels in turn; longer while kernels are built
	@$(DEPS) check
	@$(CHECK) -t quick,check

check-long: ## what takes long: endurance, millions of schedules, each test on all of its further kernels, all mutants, an installation
	@$(DEPS) long
	@$(CHECK) -t long

nemesis: ## real agents under random faults in a UML kernel, judged from outside; SEEDS="1-60" or a few of them to see again
	@$(DEPS) check
	@$(MAKE) -s --no-print-directory $(JOBS) -C userspace
	@$(BUILD_MODULE) $(NEMESIS_KERNEL)
	@$(REPO)/selftests/lab/run -t 86400 -s $(NEMESIS_KERNEL) $(REPO)/selftests/nemesis.sh $(SEEDS)

power: ## agents on three UML kernels that lose power or are paused, judged from outside; SEEDS="1-60" or a few of them to see again
	@$(DEPS) check
	@$(MAKE) -s --no-print-directory $(JOBS) -C userspace
	@$(BUILD_MODULE) $(POWER_KERNEL)
	@$(REPO)/selftests/host/power.sh $(POWER_KERNEL) $(SEEDS)

demo: ## failovers before your eyes, ours and keepalived's, four stories, what an operator sees, and haswitch with Pacemaker, corosync and FRR, in a UML kernel: five to ten minutes once that kernel is built
	@$(DEPS) demo beside
	@$(REPO)/selftests/demo/demo

play: ## three nodes and a client in a UML kernel, and a shell to try things: as in README.md, nothing of the machine is touched
	@$(DEPS) demo
	@$(REPO)/selftests/demo/play

bench: ## the figures, ours and the peers': costs, switches, times, memory; CASES="..." for some; build/bench.json
	@$(DEPS) bench
	@$(REPO)/selftests/bench/bench

generate: ## the files that come from include/netlink/specs/haswitch.yaml
	@$(DEPS) build
	@$(REPO)/scripts/generate.py

style: ## checkpatch, sparse, shellcheck and the house rules
	@$(DEPS) check
	@$(REPO)/scripts/style.sh

install: ## module for the running kernel, tools, agent, man pages, completion, unit files (DESTDIR, PREFIX, KDIR)
	@$(DEPS) build userspace
	@$(BUILD_MODULE) $(KDIR) $(INSTALLED)
	@$(MAKE) -s --no-print-directory $(JOBS) -C userspace programs
	@$(MAKE) -C $(BUILT) M=$(INSTALLED) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_STRIP=1 CONFIG_MODULE_SIG_ALL= modules_install \
		>$(INSTALLED)/install.log 2>&1 || { cat $(INSTALLED)/install.log; exit 1; }
	@$(if $(DESTDIR),,depmod $(RELEASE))
	@$(MAKE) -s --no-print-directory -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	@$(if $(DESTDIR),,$(RELOAD))

# The file goes before the module is unloaded: who still asks for it by name would have it loaded again.
uninstall: ## what install put there; first stops the units and unloads the module, vips and all (DESTDIR, PREFIX)
	@$(if $(DESTDIR),,touch /run/haagentd.leave; $(STOP); rm -f /run/haagentd.leave)
	@for file in $(wildcard $(foreach d,extra updates,$(DESTDIR)/lib/modules/*/$(d)/haswitch.ko*)); do \
		dir=$${file%/*}; release=$${dir%/*}; \
		rm -f $$file; rmdir --ignore-fail-on-non-empty $$dir; \
		$(if $(DESTDIR),,depmod $${release##*/};) \
	done
	@$(if $(DESTDIR),,[ ! -e /sys/module/haswitch ] || rmmod haswitch)
	@$(MAKE) -s --no-print-directory -C userspace uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	@$(if $(DESTDIR),,$(RELOAD))

clean: ## removes build/; the kernels stay in the cache (~/.cache/haswitch)
	rm -rf $(REPO)/build

deps: ## installs all Debian packages that any target needs
	@$(DEPS) build userspace lab check long demo bench

.PHONY: help all modules userspace quick check check-long nemesis power demo play bench generate style install uninstall clean deps
