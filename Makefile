# make [SAN=address,undefined] [CC=clang] [V=1] all | check | demo | run | help
PREFIX  ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR ?= /etc
CFLAGS  ?= -O2 -g
SAN     ?=
WERROR  ?= $(if $(CI),-Werror)
V       ?=
comma   := ,
Q       := $(if $(V),,@)
say      = $(if $(V),,@echo "  $(1)	$(2)";)
# Plain gcc builds land in build/ itself (build/ocopd), every variant in a folder of its own.
variant := $(strip $(if $(filter-out cc gcc,$(notdir $(CC))),$(notdir $(CC)))$(if $(SAN),-$(subst $(comma),-,$(SAN))))
B       := build$(if $(variant),/$(patsubst -%,%,$(variant)))

daemon_pkgs = libzmq lmdb libcjson libsodium libsystemd libutf8proc
client_pkgs = libczmq libzmq libcjson libsodium libutf8proc smartcols
notify_pkgs = $(client_pkgs) libcurl libsystemd
print_pkgs  = pangocairo libcjson libutf8proc
export_pkgs = xlsxwriter libcjson libutf8proc
entry_pkgs  = $(client_pkgs) libedit
test_pkgs   = cmocka
pkgs        = $(sort $(daemon_pkgs) $(notify_pkgs) $(print_pkgs) $(entry_pkgs) $(test_pkgs))
# LMDB's pkg-config file is not everywhere; its flags are known.
pc          = $(patsubst lmdb,,$(1))
libs        = $(shell pkg-config --libs $(call pc,$(1))) $(if $(filter lmdb,$(1)),-llmdb)

warnings = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef \
           -Wswitch-enum -Wvla -Wwrite-strings -Wformat=2 -Wno-missing-field-initializers $(WERROR)
override CPPFLAGS += -I. -D_GNU_SOURCE -MMD -MP $(shell pkg-config --cflags $(call pc,$(pkgs)))
override CFLAGS   += -std=gnu11 -fno-strict-aliasing -fstack-protector-strong $(warnings) \
                     $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
override LDFLAGS  += $(if $(SAN),-fsanitize=$(SAN))

objects     = $(patsubst %.c,$(B)/%.o,$(1))
proto_obj   = $(call objects,$(wildcard proto/*.c))
daemon_obj  = $(call objects,$(filter-out daemon/main.c,$(wildcard daemon/*.c)))
notify_obj  = $(call objects,$(wildcard clients/notify_*.c))
pdf_obj     = $(call objects,clients/ocop-print.c clients/print_pdf.c clients/print_table.c clients/print_flow.c)
entry_obj   = $(call objects,$(wildcard clients/entry*.c))
client_obj  = $(filter-out $(notify_obj) $(pdf_obj) $(entry_obj) $(call objects,clients/ocop-export.c clients/ocop.c clients/ocop-notify.c clients/manual.c),$(call objects,$(wildcard clients/*.c)))
programs    = $(B)/ocopd $(B)/ocop $(B)/ocop-print $(B)/ocop-export $(B)/ocop-notify
words       = $(patsubst po/%.po,$(B)/locale/%/LC_MESSAGES/ocop.mo,$(wildcard po/*.po))
unit_tests  = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c)) $(B)/tests/test_store_mem
proto_lib   = $(B)/libocop-proto.a
daemon_lib  = $(B)/libocopd.a

all: $(programs) $(words)

help:
	@sed -n 's/^#: //p' Makefile

#: make                   build/ocopd, build/ocop (with ocop-print, ocop-export) and build/ocop-notify
#: make run               a daemon of your own in ./var, with an account for you (RUN_DIR, RUN_CLOCK, RUN_OPTIONS)
#: make demo              the season of 2020 in a minute, told in Vietnamese
#: make check             every test that fits into five minutes
#: make sim SIM_COMMANDS=10000000 [SEED=n]    the simulator for longer
#: make crash N=10000     kill -9 under load, N times
#: make powercut STATES=1000000               power cuts in the recorded writes
#: make check-systemd [DEB=FILE]   the units under a real systemd, in a container; needs root
#: make fuzz SECONDS=600  every fuzz target with libFuzzer
#: make bench [BENCH_DIR=dir] [DOSSIERS=100000]   speed, as ratios; bench-million for 1,000,000
#: make bench-cold        a cold `ocop show` against a bare round trip
#: make bench-register ROWS=20000               a register in by `ocop import` and out by `ocop export`
#: make bench-limits LIMIT_SECONDS=10          how long an honest client waits while others exceed each limit
#: make deb                the Debian packages, in build/deb
#: make cover | lint | format | install DESTDIR= PREFIX= | clean
#: CC=clang, SAN=address,undefined, V=1, CI=1 (warnings are errors) go with each

$(B)/ocopd: $(B)/daemon/main.o $(daemon_lib) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(daemon_pkgs))

$(B)/ocop: $(B)/clients/ocop.o $(entry_obj) $(client_obj) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(entry_pkgs))

# A program of its own, so that `ocop` starts without the libraries that draw.
$(B)/ocop-print: $(pdf_obj) $(call objects,clients/print_page.c clients/whole_file.c) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(print_pkgs))

# Likewise, for the library that makes workbooks.
$(B)/ocop-export: $(B)/clients/ocop-export.o $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(export_pkgs))

$(B)/ocop-notify: $(B)/clients/ocop-notify.o $(notify_obj) $(client_obj) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(notify_pkgs))

# The man pages of every verb, from the tables of its help; the others are written by hand.
$(B)/manual: $(B)/clients/manual.o $(client_obj) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(client_pkgs))

man_pages   = $(wildcard man/*.[0-9] man/vi/*.[0-9])
version     = $(shell sed -n 's/.*OCOP_VERSION "\(.*\)"/\1/p' proto/version.h)
man_folder  = $(B)/$(patsubst %/,%,$(dir $(1)))/man$(subst .,,$(suffix $(1)))
man_one     = LC_ALL=$(if $(findstring /vi/,$(1)),vi,C.UTF-8) awk -v version=$(version) \
              -v help='$(B)/$(basename $(notdir $(1))) --help' -f man/page.awk $(1) >$(man_folder)/$(notdir $(1))
man: $(B)/man/.made
$(B)/man/.made: $(B)/manual $(programs) $(words) $(man_pages) man/page.awk
	@rm -rf $(B)/man && mkdir -p $(B)/man/man1 $(B)/man/man8 $(B)/man/vi/man1 $(B)/man/vi/man8
	$(call say,MAN,$(B)/man)$(B)/manual en $(B)/man/man1 && $(B)/manual vi $(B)/man/vi/man1
	@$(foreach page,$(man_pages),$(call man_one,$(page)) &&) touch $@

$(proto_lib): $(proto_obj)
$(daemon_lib): $(daemon_obj)
%.a:
	$(call say,AR,$@)rm -f $@; ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/locale/%/LC_MESSAGES/ocop.mo: po/%.po
	@mkdir -p $(@D)
	$(call say,MSG,$<)msgfmt --check-format -o $@ $<

# A test is one file tests/test_X.c with its own main (cmocka); it may use the whole daemon.
$(B)/tests/test_%: $(B)/tests/test_%.o $(daemon_lib) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(daemon_lib) $(proto_lib) $(call libs,$(daemon_pkgs) cmocka)

$(B)/tests/test_config: | $(words)

# The store's suite runs against both stores; the memory store stands before the library's own.
$(B)/tests/test_store_mem: $(B)/tests/test_store.o $(B)/tests/store_mem.o $(daemon_lib) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(daemon_lib) $(proto_lib) $(call libs,$(daemon_pkgs) cmocka)
$(B)/tests/test_store_faults $(B)/tests/test_bulk: $(B)/tests/store_mem.o

$(B)/tests/test_print_page $(B)/tests/test_csv: $(B)/tests/test_%: $(B)/tests/test_%.o $(client_obj) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(client_pkgs) cmocka)

$(B)/tests/test_table: $(B)/tests/test_table.o $(call objects,clients/table.c) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,libutf8proc libcjson smartcols cmocka)

$(B)/tests/test_notify_template: $(B)/tests/test_notify_template.o $(notify_obj) $(client_obj) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,$(notify_pkgs) cmocka)

# Tools of the tests: programs with a main of their own beside the cmocka suites.
test_tools  = $(addprefix $(B)/tests/,sim powercut powercut_engine bench)
fuzzers     = $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(wildcard tests/fuzz/fuzz_[!m]*.c))

$(B)/tests/sim: $(B)/tests/sim.o $(B)/tests/store_mem.o $(daemon_lib) $(proto_lib)
$(B)/tests/powercut: $(B)/tests/powercut.o $(B)/tests/powercut_journal.o $(daemon_lib) $(proto_lib)
$(B)/tests/powercut_engine: $(B)/tests/powercut.o $(B)/tests/powercut_engine.o $(daemon_lib) $(proto_lib)
$(B)/tests/bench: $(call objects,$(wildcard tests/bench*.c)) $(daemon_lib) $(proto_lib)
$(B)/tests/cold_bare: $(B)/tests/cold_bare.o
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(call libs,libzmq)
$(test_tools):
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(daemon_lib) $(proto_lib) $(call libs,$(daemon_pkgs))

$(B)/tests/powercut_record.so: tests/powercut_record.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -g $(warnings) -fPIC -shared -o $@ $< -ldl

# Replays its seeds without libFuzzer (make check); `make fuzz` links the same file with it.
$(B)/tests/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/fuzz_main.o $(daemon_lib) $(proto_lib)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(daemon_lib) $(proto_lib) $(call libs,$(daemon_pkgs))

# --- checks ----------------------------------------------------------------------------------
SIM_COMMANDS ?= 200000
SEED ?=
N ?= 1000

# Everything that fits into five minutes: four builds of the suites, the real programs in one.
check:
	$(Q)tests/run --begin
	$(Q)tests/layers.sh && tests/documents.sh && tests/words.sh
	$(Q)$(MAKE) --no-print-directory all && tests/run $(B) tests/units.sh
	$(Q)$(MAKE) --no-print-directory check-suites
	$(Q)$(MAKE) --no-print-directory check-programs
	$(Q)$(MAKE) --no-print-directory CC=clang SIM_COMMANDS=20000 check-suites
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=address,undefined SIM_COMMANDS=20000 check-suites check-fuzz
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined SIM_COMMANDS=10000 check-suites
	$(Q)tests/run --end

check-suites: $(unit_tests) $(B)/tests/sim
	$(Q)tests/run $(B) $(unit_tests)
	$(Q)tests/run $(B) $(B)/tests/sim --commands $(SIM_COMMANDS) $(if $(SEED),--seed $(SEED))

check-fuzz: $(fuzzers)
	$(Q)for f in $(fuzzers); do tests/run $(B) $$f tests/fuzz/seeds/$${f##*fuzz_} || exit 1; done

check-programs: all powercut-tools
	$(Q)tests/run $(B) tests/powercut.sh $(B)
	$(Q)tests/run $(B) tests/crash.py --build $(B) --kills 30
	$(Q)printf '%s\n' tests/e2e/test_*.py | xargs -P 2 -n 1 tests/run $(B) /usr/bin/python3
	$(Q)tests/run $(B) bats tests/e2e
	$(Q)OCOPD_BUILD=$(B) tests/run $(B) tests/demo.sh

# --- longer ones -----------------------------------------------------------------------------
sim: $(B)/tests/sim
	$(B)/tests/sim --commands $(SIM_COMMANDS) $(if $(SEED),--seed $(SEED))

STATES ?= 1000000
powercut-tools: $(B)/tests/powercut $(B)/tests/powercut_engine $(B)/tests/powercut_record.so
powercut: powercut-tools
	tests/powercut.sh $(B) $(STATES)

crash: all
	tests/crash.py --build $(B) --kills $(N) $(if $(SEED),--seed $(SEED))

check-systemd: all
	OCOPD_BUILD=$(B) DEB="$(DEB)" tests/systemd/container.sh

SECONDS ?= 60
fuzz: $(addprefix build/fuzz/,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_[!m]*.c)))
	$(Q)for f in $^; do n=$${f##*fuzz_}; mkdir -p build/fuzz/corpus/$$n; \
		$$f -max_total_time=$(SECONDS) -rss_limit_mb=2048 -artifact_prefix=build/fuzz/ \
		    build/fuzz/corpus/$$n tests/fuzz/seeds/$$n || exit 1; done

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard proto/*.[ch] daemon/*.[ch])
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)clang -I. -D_GNU_SOURCE $(shell pkg-config --cflags $(call pc,$(pkgs))) -std=gnu11 -g -O1 \
		-fsanitize=fuzzer,address,undefined -o $@ $< $(wildcard proto/*.c) \
		$(filter-out daemon/main.c,$(wildcard daemon/*.c)) $(call libs,$(daemon_pkgs))

# --- for oneself -----------------------------------------------------------------------------
demo: all
	@OCOPD_BUILD=$(B) tests/demo.sh

# The shipped programme is the season of 2020 (its communes ended on 30/06/2025), so its clock is too.
RUN_CLOCK ?= simulated:2020-03-02T08:00:00+07:00
RUN_DIR ?= var
RUN_OPTIONS ?=
run: all
	@mkdir -p -m 700 $(addprefix $(RUN_DIR),/ /accounts /run /backup)
	@test -f $(RUN_DIR)/accounts/me.account || printf 'account\n    name = "me"\n    title = "%s"\n    role = "officer, secretary, finance, steering, admin"\n    unix-user = "%s"\n' "$$(id -un)" "$$(id -un)" >$(RUN_DIR)/accounts/me.account
	@echo "in another terminal: export OCOP_ENDPOINT=ipc://$(abspath $(RUN_DIR))/run/command; $(B)/ocop help"
	exec $(B)/ocopd --programme config/krong-nang-2020 --state $(RUN_DIR)/state --accounts $(RUN_DIR)/accounts \
		--run $(RUN_DIR)/run --backup $(RUN_DIR)/backup --clock $(RUN_CLOCK) --segment-bytes 4M --preallocate-bytes 0 $(RUN_OPTIONS)

# Units and settings name the programs where they are installed; settings that are there stay.
placed = sed -E 's,/usr/(s?bin/ocop|share/ocopd),$(PREFIX)/\1,g'
etc    = $(DESTDIR)$(SYSCONFDIR)/ocopd
install: all man
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/libexec/ocopd $(DESTDIR)$(PREFIX)/share/ocopd $(DESTDIR)$(PREFIX)/share/doc/ocopd
	install $(B)/ocopd $(DESTDIR)$(PREFIX)/sbin
	install $(B)/ocop $(B)/ocop-notify $(DESTDIR)$(PREFIX)/bin
	for w in $(patsubst $(B)/locale/%,%,$(words)); do install -D -m 644 $(B)/locale/$$w $(DESTDIR)$(PREFIX)/share/locale/$$w; done
	install $(B)/ocop-print $(B)/ocop-export $(DESTDIR)$(PREFIX)/libexec/ocopd
	cp -r config/krong-nang-2020 config/notify config/prometheus config/print $(DESTDIR)$(PREFIX)/share/ocopd
	install -D -m 644 clients/completion/ocop.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ocop
	install -m 644 config/ocopd.cfg config/ocop-notify.cfg systemd/ocopd.nft README.md proto/PROTOCOL.md $(DESTDIR)$(PREFIX)/share/doc/ocopd
	install -d $(DESTDIR)$(PREFIX)/share/man && cp -r $(B)/man/man1 $(B)/man/man8 $(B)/man/vi $(DESTDIR)$(PREFIX)/share/man
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/ocopd/accounts
	install -m 644 systemd/sysusers.d/ocopd.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d
	install -m 644 systemd/tmpfiles.d/ocopd.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	for f in $(wildcard systemd/*.service systemd/*.socket systemd/*.timer); do \
		$(placed) $$f | install -m 644 /dev/stdin $(DESTDIR)$(UNITDIR)/$${f##*/} || exit 1; done
	test -e $(etc)/ocopd.cfg || $(placed) config/ocopd.cfg | install -m 644 /dev/stdin $(etc)/ocopd.cfg
	test -e $(etc)/accounts/backup.account || install -m 644 config/backup.account $(etc)/accounts

# The Debian packages, in build/deb, from what git knows of (a release is committed first).
deb:
	@rm -rf build/deb && mkdir -p build/deb/ocopd-$(version)
	$(Q)git ls-files -z | xargs -0 cp --parents -t build/deb/ocopd-$(version)
	$(Q)cd build/deb/ocopd-$(version) && DEB_BUILD_OPTIONS="$${DEB_BUILD_OPTIONS-nocheck parallel=2}" dpkg-buildpackage -b -us -uc
	$(Q)cd build/deb && lintian --fail-on error,warning --suppress-tags bad-distribution-in-changes-file *.changes
	@ls build/deb/*.deb

# --- care ------------------------------------------------------------------------------------
lint:
	cppcheck --quiet --enable=warning,portability --inline-suppr --suppress=missingInclude -I. -D_GNU_SOURCE proto daemon clients
	clang-tidy --quiet $(wildcard proto/*.c daemon/*.c clients/*.c) -- -I. -D_GNU_SOURCE -std=gnu11 $(shell pkg-config --cflags $(call pc,$(pkgs)))

format:
	clang-format -i $(wildcard proto/*.[ch] daemon/*.[ch] clients/*.[ch] tests/*.[ch])

cover:
	$(MAKE) CC=gcc SAN= CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage B=build/cover check-suites check-fuzz
	gcov -n -o build/cover/daemon build/cover/daemon/*.gcda build/cover/proto/*.gcda | grep -A1 "^File '\(daemon\|proto\)"

# Counted figures can fail it, times never. BENCH_DIR: a folder on the disk to be measured.
DOSSIERS ?= 100000
bench_run = $(Q)$(B)/tests/bench --ocopd $(B)/ocopd $(if $(BENCH_DIR),--dir $(BENCH_DIR))

bench: $(B)/tests/bench $(B)/ocopd bench-cold bench-register
	$(bench_run) --dossiers $(DOSSIERS)
bench-cold: all $(B)/tests/cold_bare
	$(Q)OCOPD_BUILD=$(B) tests/bench_cold.py
ROWS ?= 20000
bench-register: all
	$(Q)OCOPD_BUILD=$(B) tests/bench_register.py $(ROWS)
bench-million: $(B)/tests/bench $(B)/ocopd
	$(bench_run) --dossiers 1000000 --reference 100000 --secs 20
LIMIT_SECONDS ?= 10
bench-limits: $(B)/ocopd
	$(Q)OCOPD_BUILD=$(B) /usr/bin/python3 tests/e2e/test_limits.py --bench $(LIMIT_SECONDS)
bench-smoke: $(B)/tests/bench $(B)/ocopd
	$(bench_run) --dossiers 2000 --secs 0.3 --rounds 1

clean:
	rm -rf build

SHELL := /bin/bash
.SECONDARY:
.PHONY: bench bench-cold bench-register bench-million bench-limits bench-smoke
.PHONY: all man deb help check check-suites check-systemd check-fuzz check-programs sim powercut powercut-tools crash fuzz demo run install lint format cover clean
-include $(shell find $(B) -path build/deb -prune -o -name '*.d' -type f -print 2>/dev/null)
