# SPDX-License-Identifier: GPL-2.0
# How haagentd, its tests and its fuzzers are built; included by the Makefile one folder up.

AGENT_PKGS := libconfig libevent_core libsodium libmnl
AGENT_LDLIBS := $(shell $(PKG_CONFIG) --libs $(AGENT_PKGS))

# Everything of haagentd but its main(), so that tests can link with it.
# With the formats that it shares with haagentd-checks.
AGENT_SRCS := $(filter-out $(TOP)/haagentd/main.c,$(wildcard $(TOP)/haagentd/*.c $(TOP)/haagentd/*/*.c)) \
	$(addprefix $(TOP)/checks/,plan.c packet.c segment.c stream.c reply.c page.c said.c)
AGENT_OBJS := $(AGENT_SRCS:$(TOP)/%.c=$(O)/%.o)
AGENT_LIB := $(O)/libhaagentd.a
AGENT := $(O)/bin/haagentd

# The process that makes all health checks but those by TCP. The agent itself must not have libcurl in its memory.
CHECKS := $(O)/bin/haagentd-checks
CHECKS_OBJS := $(patsubst $(TOP)/%.c,$(O)/%.o,$(wildcard $(TOP)/checks/*.c) $(TOP)/haagentd/check/rise_fall.c)
CHECKS_LDLIBS := $(shell $(PKG_CONFIG) --libs libcurl libevent_core libmnl)

# The process that asks corosync, where its libraries can be compiled with. The agent itself must not need them.
COROSYNC := $(O)/bin/haagentd-corosync
COROSYNC_OBJS := $(patsubst $(TOP)/%.c,$(O)/%.o,$(wildcard $(TOP)/corosync/*.c))
COROSYNC_LDLIBS := $(shell $(PKG_CONFIG) --libs libcmap libquorum 2>/dev/null)

BINS += $(AGENT) $(CHECKS) $(if $(COROSYNC_LDLIBS),$(COROSYNC))
MAN8 += $(TOP)/man/haagentd.8

$(AGENT_LIB): $(AGENT_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(AGENT): $(O)/haagentd/main.o $(AGENT_LIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LDLIBS)

$(CHECKS): $(CHECKS_OBJS) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECKS_LDLIBS)

$(COROSYNC): $(COROSYNC_OBJS) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(COROSYNC_LDLIBS)

# An agent that acts as one of a later release: it sends what this release does not know. The test of rolling
# upgrades runs it.
AGENT_LATER := $(O)/bin/haagentd-later

$(O)/later/%.o: $(TOP)/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DWIRE_LATER=16 -DHASWITCH_VERSION='"99-later"' $(DEPFLAGS) -c -o $@ $<

$(AGENT_LATER): $(AGENT_OBJS:$(O)/%=$(O)/later/%) $(O)/later/haagentd/main.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LDLIBS)

all: $(AGENT_LATER)

AGENT_TEST_SRCS := $(wildcard $(ROOT)/selftests/unit/agent_*.c)
AGENT_TEST_BINS := $(AGENT_TEST_SRCS:$(ROOT)/selftests/unit/%.c=$(O)/unit/%)

$(AGENT_TEST_BINS): %: %.o $(AGENT_LIB) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(AGENT_LIB) $(LIB) $(AGENT_LDLIBS) -lcmocka

# haagentd-corosync needs corosync's libraries, but its host names do not.
$(O)/unit/agent_names: $(O)/corosync/names.o

# This one is linked with nearly all of the agent, and answers dumps itself.
$(O)/unit/agent_begin: LDFLAGS += -Wl,--wrap=hasw_dump

# Nor do these of haagentd-checks need libcurl.
$(O)/unit/agent_job: $(O)/checks/job.o $(O)/checks/agent.o $(O)/checks/held.o
$(O)/unit/agent_held: $(O)/checks/held.o

# Its map is fuzzed where corosync's libraries can be compiled with.
AGENT_FUZZ_SRCS := $(filter-out $(if $(COROSYNC_LDLIBS),,%/agent_nodelist.c),$(wildcard $(ROOT)/selftests/fuzz/agent_*.c))
AGENT_FUZZ_BINS := $(AGENT_FUZZ_SRCS:$(ROOT)/selftests/fuzz/%.c=$(O)/fuzz/%)

$(AGENT_FUZZ_BINS): %: %.o $(call fuzz_objs,$(LIB_SRCS) $(AGENT_SRCS))
	$(FUZZ_LINK) -o $@ $^ $(AGENT_LDLIBS)

$(O)/fuzz/agent_nodelist: $(call fuzz_objs,$(addprefix $(TOP)/corosync/,names.c nodelist.c))
# Its answers are the input's, and nothing of it is to survive a power failure.
$(O)/fuzz/agent_journal_copy: AGENT_LDLIBS += -Wl,--wrap=keeper_request,--wrap=fdatasync
$(O)/fuzz/agent_rtnl: $(call fuzz_objs,$(TOP)/checks/way.c)

fuzz: agent-fuzz

agent-fuzz: $(AGENT_FUZZ_BINS)
	@set -e; for f in $(AGENT_FUZZ_BINS); do \
		name=$${f##*/}; mkdir -p $(O)/corpus/$$name; cd $(O)/fuzz; $(FUZZ_TIME); \
		echo "# $$name, $$seconds s"; \
		$$f -max_total_time=$$seconds -verbosity=0 -print_final_stats=1 -timeout=10 \
			-close_fd_mask=3 $(O)/corpus/$$name $$(ls -d $(ROOT)/selftests/fuzz/$$name.seeds 2>/dev/null); \
		echo "ok $$name"; \
	done

install: agent-install

agent-install: $(AGENT) $(CHECKS)
	$(INSTALL) -d $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(COMPLETIONDIR) \
		$(DESTDIR)$(PREFIX)/share/doc/haswitch/examples
	$(INSTALL) -m 644 $(TOP)/man/haagentd.conf.5 $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 644 $(TOP)/completion/haagentd $(DESTDIR)$(COMPLETIONDIR)/haagentd
	$(INSTALL) -m 644 $(wildcard $(TOP)/haagentd/examples/*) \
		$(DESTDIR)$(PREFIX)/share/doc/haswitch/examples

uninstall: agent-uninstall

agent-uninstall:
	rm -f $(DESTDIR)$(MANDIR)/man5/haagentd.conf.5 $(DESTDIR)$(COMPLETIONDIR)/haagentd
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/doc/haswitch/examples/,$(notdir $(wildcard $(TOP)/haagentd/examples/*)))
	for d in examples ""; do \
		dir=$(DESTDIR)$(PREFIX)/share/doc/haswitch/$$d; \
		[ ! -d $$dir ] || rmdir --ignore-fail-on-non-empty $$dir; \
	done

.PHONY: agent-fuzz agent-install agent-uninstall
