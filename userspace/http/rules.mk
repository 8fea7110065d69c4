# SPDX-License-Identifier: GPL-2.0
# How haagentd-http and its tests are built; included by the Makefile one folder up.

HTTP_SRCS := $(filter-out $(TOP)/http/main.c,$(wildcard $(TOP)/http/*.c))
HTTP_OBJS := $(HTTP_SRCS:$(TOP)/%.c=$(O)/%.o)
HTTP_LIB := $(O)/libhttp.a
HTTP := $(O)/bin/haagentd-http

BINS += $(HTTP)

$(HTTP_LIB): $(HTTP_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(HTTP): $(O)/http/main.o $(HTTP_LIB) $(HAADM_LIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(HAADM_LDLIBS)

# For Prometheus and Grafana.
METRICS_FILES := $(addprefix $(TOP)/metrics/,README alerts.yml alerts-test.yml dashboard.json prometheus.yml)
METRICS_DIR := $(PREFIX)/share/doc/haswitch/metrics

install: metrics-install

metrics-install:
	$(INSTALL) -d $(DESTDIR)$(METRICS_DIR)
	$(INSTALL) -m 644 $(METRICS_FILES) $(DESTDIR)$(METRICS_DIR)

agent-uninstall: metrics-uninstall

metrics-uninstall:
	rm -f $(addprefix $(DESTDIR)$(METRICS_DIR)/,$(notdir $(METRICS_FILES)))
	[ ! -d $(DESTDIR)$(METRICS_DIR) ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(METRICS_DIR)

.PHONY: metrics-install metrics-uninstall

HTTP_TEST_SRCS := $(wildcard $(ROOT)/selftests/unit/http_*.c)
HTTP_TEST_BINS := $(HTTP_TEST_SRCS:$(ROOT)/selftests/unit/%.c=$(O)/unit/%)

$(HTTP_TEST_BINS): %: %.o $(HTTP_LIB) $(HAADM_LIB) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(HTTP_LIB) $(HAADM_LIB) $(LIB) $(HAADM_LDLIBS) -lcmocka

# Of this folder the fuzzer needs only what is pure.
$(O)/fuzz/fuzz_http: $(call fuzz_objs,$(addprefix $(TOP)/http/,buf.c metrics.c request.c))
