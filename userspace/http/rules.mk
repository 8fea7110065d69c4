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

HTTP_TEST_SRCS := $(wildcard $(ROOT)/selftests/unit/http_*.c)
HTTP_TEST_BINS := $(HTTP_TEST_SRCS:$(ROOT)/selftests/unit/%.c=$(O)/unit/%)

$(HTTP_TEST_BINS): %: %.o $(HTTP_LIB) $(HAADM_LIB) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(HTTP_LIB) $(HAADM_LIB) $(LIB) $(HAADM_LDLIBS) -lcmocka

# Of this folder the fuzzer needs only what is pure.
$(O)/fuzz/fuzz_http: $(call fuzz_objs,$(addprefix $(TOP)/http/,buf.c metrics.c request.c))
