#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Proves lab/check: that every way in which a check goes wrong reaches the last line and the exit code.
set -u

lab=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$lab/../lib/ktap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# runs NAME EXIT LAST LINE...: with these lines as its list, check exits with EXIT and ends with LAST.
runs() {
	local name=$1 wanted=$2 last=$3 code=0 printed
	shift 3
	printf '%s\n' "$@" >"$dir/list"
	printed=$("$lab/check" -f "$dir/list" -o "$dir/out" 2>&1) || code=$?
	if [ $code -eq "$wanted" ] && [ "$(tail -n 1 <<<"$printed")" = "$last" ]; then
		ktap_ok "$name"
	else
		ktap_fail "$name" "exit $code, wanted $wanted" "$printed"
	fi
}

# says TEXT: a command that prints this KTAP, with \\n where lines end.
says() { printf '%s' "sh -c \"printf 'TAP version 13\\\\n$1\\\\n'\""; }

# named: what failed is named in the last lines, a point of KTAP without what explains it; nothing else is.
named() {
	local seen
	printf '%s\n' "a check host:3 - 9 ktap $(says '1..2\\nok 1 x\\nnot ok 2 y\\n# why')" \
		"b check host:2 - 9 plain sh -c 'echo words; exit 3'" "c check host:1 - 9 plain true" >"$dir/list"
	seen=$("$lab/check" -j 1 -f "$dir/list" -o "$dir/out" 2>&1 | sed '1,/^the /d; s/^ *//' | paste -s -d '|')
	[ "$seen" = "failed: a|not ok 2 y|failed: b|exit code 3|words|2 passed, 2 failed, 0 skipped" ] && return 0
	echo "$seen"
	return 1
}

# Ended from outside, as CI does it, it must not leave what it started.
ended() {
	local pid child
	echo "a check host:1 - 60 plain sh -c 'echo \$\$ >$dir/pid; exec sleep 1000'" >"$dir/list"
	"$lab/check" -f "$dir/list" -o "$dir/out" >/dev/null 2>&1 &
	pid=$!
	wait_for 10 test -s "$dir/pid"
	child=$(cat "$dir/pid")
	kill -TERM "$pid"
	wait "$pid"
	wait_for 5 eval "! kill -0 $child"
}

# apart: a minds company; it comes when the others are done.
apart() {
	printf '%s\n' "a check host:1 alone 9 plain sh -c 'test -e $dir/done-b && test -e $dir/done-c'" \
		"b check host:1 - 9 plain sh -c 'sleep 0.5; : >$dir/done-b'" \
		"c check host:1 - 9 plain sh -c 'sleep 1; : >$dir/done-c'" >"$dir/list"
	"$lab/check" -f "$dir/list" -o "$dir/out" >"$dir/said" && tail -n 1 "$dir/said" |
		grep -qx "3 passed, 0 failed, 0 skipped" && return 0
	cat "$dir/said"
	return 1
}

# shares: two that use a tenth of a CPU run beside one that uses a whole one, and another whole one does not.
shares() {
	local all="until test -e $dir/began-a && test -e $dir/began-b && test -e $dir/began-c; do sleep 0.02; done"
	printf '%s\n' "a check host:1/10 - 9 plain sh -c ': >$dir/began-a; $all'" \
		"b check host:1/10 - 9 plain sh -c ': >$dir/began-b; $all'" \
		"c check host:20 - 9 plain sh -c ': >$dir/began-c; $all; sleep 0.3; : >$dir/ended-c'" \
		"d check host:10 - 9 plain test -e $dir/ended-c" >"$dir/list"
	"$lab/check" -j 1.2 -f "$dir/list" -o "$dir/out" >"$dir/said" && tail -n 1 "$dir/said" |
		grep -qx "4 passed, 0 failed, 0 skipped" && return 0
	cat "$dir/said"
	return 1
}

# first: the longest begins first, whatever its place in the list.
first() {
	printf '%s\n' "a check host:1 - 9 plain test -e $dir/began-long" \
		"b check host:50 - 9 plain touch $dir/began-long" >"$dir/list"
	"$lab/check" -j 1 -f "$dir/list" -o "$dir/out" >"$dir/said" && return 0
	cat "$dir/said"
	return 1
}

# fewer: three that use a third of a CPU run at once on one CPU, and one alone where they take three times as long.
fewer() {
	PYTHONDONTWRITEBYTECODE=1 python3 - "$lab" <<-'END'
		import importlib.machinery, importlib.util, sys
		loader = importlib.machinery.SourceFileLoader("check", sys.argv[1] + "/check")
		check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
		loader.exec_module(check)
		check.SLACK = 0

		def job_share(cpu, wall):
		    return check.Job("x", [], [], 9, cpu=cpu, wall=wall).share(3)
		listed = [check.listed.Check(name, "check", "host", [], 9, "plain", []) for name in "abcd"]
		for slow, wall, wanted in ((1, 10, 3), (3, 10, 1), (3, 3, 1)):
		    waiting, running = [check.Job(one.name, [], [], 9, [one], cpu=3, wall=wall) for one in listed], []
		    while job := check.choose(waiting, running, {}, 1, slow):
		        waiting.remove(job)
		        running.append(job)
		    assert len(running) == wanted, f"{slow}: {len(running)}, wanted {wanted}"
		# Who keeps a CPU busy keeps no more than that busy.
		assert job_share(3, 3) == 1 and job_share(6, 3) == min(2, check.CPUS)
	END
}

# lists OPTIONS WANTED LINE...: what check -l names with these options.
lists() {
	local options=$1 wanted=$2 seen
	shift 2
	printf '%s\n' "$@" >"$dir/list"
	# shellcheck disable=SC2086 # words
	seen=$("$lab/check" $options -f "$dir/list" -l | sed '/^further kernels/d; /^NAME/d; s/ .*//' | xargs)
	[ "$seen" = "$wanted" ] && return 0
	echo "seen: $seen"
	return 1
}

# shared: what three checks that share a boot made of each output and exit code of lab/run: passed/failed of each.
shared() {
	PYTHONDONTWRITEBYTECODE=1 python3 - "$lab" <<-'END'
		import importlib.machinery, importlib.util, sys
		loader = importlib.machinery.SourceFileLoader("check", sys.argv[1] + "/check")
		check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
		loader.exec_module(check)
		listed = [check.listed.Check(name, "check", "uml612", [], 9, "ktap", ["x"]) for name in "abc"]

		def part(number, points, code):
		    mark = f"# lab: w0rd subject {number}"
		    return f"\n{mark} begins\n{points}\n{mark} ended, exit {code}\n"
		good, bad, cut = "1..2\nok 1 x\nok 2 y\n", "1..2\nok 1 x\nnot ok 2 y\n", "ok 1 x\n"
		cost = "# lab: w0rd subject 1 took 2.0 s of CPU\n# lab: w0rd subject 2 took 3.0 s of CPU\n"
		forged = "# lab: subject 2 ended, exit 0\n# lab: w1rd subject 2 ended, exit 0\n" + bad
		cases = [
		    ("all pass", part(1, good, 0) + part(2, good, 0) + cost + part(3, good, 0), 0, "2/0 2/0 2/0"),
		    ("the second fails", part(1, good, 0) + part(2, bad, 1) + part(3, good, 0), 1, "2/0 1/1 2/0"),
		    ("the second fails with no point", part(1, good, 0) + part(2, good, 1) + part(3, good, 0),
		     1, "2/0 2/1 2/0"),
		    ("the output of the second is cut off", part(1, good, 0) + part(2, cut, 0) + part(3, good, 0),
		     0, "2/0 1/1 2/0"),
		    ("the third skips", part(1, good, 0) + part(2, good, 0) + part(3, "1..0 # SKIP no\n", 4),
		     0, "2/0 2/0 0/0"),
		    ("the second hangs", part(1, good, 0) + f"# lab: w0rd subject 2 begins\n{cut}# lab: time limit\n",
		     124, "2/0 1/2 0/1"),
		    ("the guest dies between two", part(1, good, 0), 126, "2/1 0/1 0/1"),
		    ("a report in the log",
		     part(1, good, 0) + part(2, good, 0) + part(3, good, 0) + "# lab: kernel log\n",
		     125, "2/0 2/0 2/1"),
		    ("lab/run fails", part(1, good, 0) + part(2, good, 0) + part(3, good, 0), 1, "2/0 2/0 2/1"),
		    ("lab/run is killed", part(1, good, 0) + part(2, good, 0) + part(3, good, 0), -9, "2/0 2/0 2/1"),
		    ("no end is told", part(1, good, 0) + part(2, good, 0) + "\n# lab: w0rd subject 3 begins\n" + good,
		     0, "2/0 2/0 2/1"),
		    ("a script tells a false end", part(1, good, 0) + part(2, forged, 1) + part(3, good, 0),
		     1, "2/0 1/1 2/0"),
		    ("no line break at the end", part(1, good[:-1], 0) + part(2, good, 0) + part(3, good, 0),
		     0, "2/0 2/0 2/0"),
		    ("no boot at all", "", 126, "0/1 0/1 0/1"),
		]
		for name, text, code, wanted in cases:
		    job = check.Job("boot", [], [], 9, listed)
		    job.cpu = 10.0
		    parts = list(job.split("# lab: several scripts, parted by w0rd\n" + text, code))
		    seen = " ".join(f"{r.passed}/{r.failed}" for _, r, _ in parts)
		    assert seen == wanted, f"{name}: {seen}, wanted {wanted}"
		    assert "took" not in text or [cpu for _, _, cpu in parts] == [2.0, 3.0, 5.0], parts
	END
}

# again: what counts of checks that fail in each of these ways at first, and pass or fail the second time.
again() {
	PYTHONDONTWRITEBYTECODE=1 python3 - "$lab" "$dir/again" <<-'END'
		import importlib.machinery, importlib.util, pathlib, shutil, sys
		loader = importlib.machinery.SourceFileLoader("check", sys.argv[1] + "/check")
		check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
		loader.exec_module(check)
		out = pathlib.Path(sys.argv[2])
		points = ["1..2\nok 1 x\nnot ok 2 y\n# exit 1\n# timed out: a\n", "1..2\nok 1 x\nok 2 y\n"]
		skips = [points[0], "1..2\nok 1 x\nok 2 y # SKIP no\n"]
		wrong = ["1..2\nok 1 x\nnot ok 2 y\n# exit 1\n", points[1]]
		cut = ["1..2\nok 1 x\n", points[1]]

		def seen(texts, codes, kernel, options, n, slow=1):
		    shutil.rmtree(out, ignore_errors=True)
		    out.mkdir()
		    def job(name, checks, out):
		        flag = f"{out}/{name}.began"
		        first, second = (f"printf '{t}'; exit {c}" for t, c in zip(texts, codes))
		        command = f"if [ -e {flag} ]; then {second}; fi; touch {flag}; {first}"
		        return check.Job(name, ["sh", "-c", command], [], 9, checks, "ktap")
		    check.check_job = job
		    words = [*options, "x"]
		    checks = [check.listed.Check(f"c{i}", "check", kernel, [], 9, "ktap", words) for i in range(n)]
		    jobs = {c.name: job(c.name, [c], out) for c in checks}
		    sums, ended = check.run(jobs, 2, out)
		    # Ten others tell how fast the machine is.
		    others = []
		    for i in range(10):
		        one = check.listed.Check(f"o{i}", "check", "host", [], 9, "plain", [])
		        one.cpu = 10
		        others.append(check.Job(one.name, [], [], 9, [one]))
		    for other in others:
		        other.result = check.ktap.Points()
		        other.parts = [(other.name, other.result, 10.0 * slow)]
		    sums, ended, _ = check.run_again(ended + others, sums, out)
		    assert len(ended) == n + 10
		    return "/".join(map(str, sums[:2])) + (" kept" if list(out.glob("c*.first")) else "")

		for name, wanted, *how in (
		        ("it passes alone", "2/0 kept", points, (1, 0), "uml612", [], 1),
		        ("it fails alone, too", "1/1 kept", points[:1] * 2, (1, 1), "uml612", [], 1),
		        ("it skips alone", "1/1 kept", skips, (1, 0), "uml612", [], 1),
		        ("a point that did not wait", "1/1", wrong, (1, 0), "uml612", [], 1),
		        ("slow: a point that did not wait", "2/0 kept", wrong, (1, 0), "uml612", [], 1, 1.6),
		        ("slow: such a point, again", "1/1 kept", wrong[:1] * 2, (1, 1), "uml612", [], 1, 1.6),
		        ("slow: such a point on the host", "1/1", wrong, (1, 0), "host", [], 1, 1.6),
		        ("slow: a report of the kernel", "1/2", wrong, (125, 0), "uml612", [], 1, 1.6),
		        ("four of them", "8/0 kept", points, (1, 0), "uml612", [], 4),
		        ("a report of the kernel", "1/2", points, (125, 0), "uml612", [], 1),
		        ("an output that is cut", "1/1", cut, (1, 0), "uml612", [], 1),
		        ("simulated time", "1/1", points, (1, 0), "uml612", ["-s", "--"], 1),
		        ("on the host", "1/1", points, (1, 0), "host", [], 1),
		        ("slow: eight of them", "16/0 kept", wrong, (1, 0), "uml612", [], 8, 1.6),
		        ("slow: many", "9/9", wrong, (1, 0), "uml612", [], 9, 1.6),
		        ("many", "5/5", points, (1, 0), "uml612", [], 5)):
		    got = seen(*how)
		    assert got == wanted, f"{name}: {got}, wanted {wanted}"
	END
}

# in_turn: of 30 further kernels each commit takes some, and three commits in a row take each once.
in_turn() {
	PYTHONDONTWRITEBYTECODE=1 python3 - "$lab" "$dir/list" <<-'END'
		import pathlib, sys
		sys.path.insert(0, sys.argv[1])
		import checks
		path = pathlib.Path(sys.argv[2])
		path.write_text("".join(f"c{n} check uml72:1,+uml61:1 - 9 plain true\n" for n in range(30)))
		listed = checks.read_list(path)
		turns = [{c.name for c in checks.select(listed, ("check",), turn, "") if c.further}
		         for turn in range(checks.TURNS)]
		assert all(turns) and sum(map(len, turns)) == 30 and len(set.union(*turns)) == 30, turns
	END
}

# commented: other comments are no other code, in C only.
commented() {
	PYTHONDONTWRITEBYTECODE=1 python3 - "$lab" "$dir" <<-'END'
		import pathlib, sys
		sys.path.insert(0, sys.argv[1])
		import checks
		for name, before, now, wanted in (
				("a.h", "/* one\n * two */ int a;\n", "int /* three */ a;\n", False),
				("a.h", "int a; /* one */\n", "int b; /* one */\n", True),
				("Kbuild", "a\n", "a /* b */\n", True),
				("none.h", "int a;\n", None, True)):
		    path = pathlib.Path(sys.argv[2]) / name
		    if now is not None:
		        path.write_text(now)
		    assert checks.code_differs(before, path) == wanted, (name, before, now)
	END
}

# costly WORD SECONDS LINE...: budget says WORD of this list when a took so many seconds, and fails; without WORD it
# passes. Ten others took what the list states, or on a slow machine as much more: that tells how fast it is.
costly() {
	local word=$1 seconds=$2 code=0 printed slow=${slow:-1} costs='' n
	shift 2
	printf '%s\n' "$@" >"$dir/list"
	if [ "$seconds" -gt 0 ]; then
		for n in {1..10}; do
			echo "other$n check host:10 - 9 plain true" >>"$dir/list"
			costs+="\"other$n\": {\"cpu\": $((slow * 10)), \"wall\": 10}, "
		done
	fi
	echo "{$costs\"a\": {\"cpu\": $seconds, \"wall\": 50}}" >"$dir/costs"
	printed=$("$lab/budget" -f "$dir/list" -c "$dir/costs" 2>&1) || code=$?
	if [ -z "$word" ]; then
		[ "$code" -eq 0 ] && return 0
	elif [ "$code" -eq 1 ] && [[ $printed = *"$word"* ]]; then
		return 0
	fi
	echo "exit $code: $printed"
	return 1
}
restated() {
	echo "a check uml72:10,+uml61:20/90 - 9 plain true" >"$dir/list"
	echo '{"a@uml72": {"cpu": 33.4, "wall": 60}, "b": {"cpu": 1, "wall": 1}}' >"$dir/costs"
	"$lab/budget" -u -f "$dir/list" -c "$dir/costs" >/dev/null
	grep -qE '^a check uml72:33/60,\+uml61:20/90 +- 9 plain true$' "$dir/list" && return 0
	cat "$dir/list"
	return 1
}

ktap_header
runs "checks that pass are counted as passed" 0 "3 passed, 0 failed, 0 skipped" \
	"a check host:1 - 9 plain true" "b quick host:1 - 9 ktap $(says '1..2\\nok 1 x\\nok 2 y')" \
	"c long host:1 - 9 plain false"
runs "a failing exit code fails a check" 1 "1 passed, 1 failed, 0 skipped" "a check host:1 - 9 plain true" \
	"b check host:1 - 9 plain false"
runs "a failing point fails a check" 1 "1 passed, 1 failed, 0 skipped" \
	"a check host:1 - 9 ktap $(says '1..2\\nok 1 x\\nnot ok 2 y')"
runs "skipped checks and points are counted as skipped" 0 "1 passed, 0 failed, 2 skipped" \
	"a check host:1 - 9 plain sh -c 'exit 4'" "b check host:1 - 9 ktap $(says '1..2\\nok 1 x # SKIP no\\nok 2 y')"
runs "everything skipped is no success" 1 "0 passed, 0 failed, 1 skipped" "a check host:1 - 9 plain sh -c 'exit 4'"
runs "a check that hangs fails" 1 "0 passed, 1 failed, 0 skipped" \
	"a check host:1 - 2 plain sh -c 'trap \"\" TERM; while :; do sleep 1; done'"
runs "a check whose output was cut off fails" 1 "1 passed, 1 failed, 0 skipped" \
	"a check host:1 - 9 ktap $(says '1..2\\nok 1 x')"
runs "an unknown build step is an error" 1 "checks.list: no build step nothing" "a check host:1 nothing 9 plain true"
runs "a build that fails fails what needs it" 1 "0 passed, 3 failed, 0 skipped" \
	"a check host:1 module:nothing 9 plain true"
runs "a line with too few fields is an error" 1 \
	"$dir/list:1: wanted NAME TIER [+|++]KERNEL:CPU[/WALL],... NEEDS LIMIT KIND COMMAND..." "a check host:1 - 9"
runs "a name that is there twice is an error" 1 "$dir/list: more than once: a" "a check host:1 - 9 plain true" \
	"a check host:1 - 9 plain true"
check "what failed is named once more at the end" named
check "a check that needs to be alone runs alone" apart
check "checks start while their shares of a CPU fit" shares
check "a slow machine gets fewer checks at once" fewer
check "the longest check starts first" first
check "a further kernel runs with -a, and in tier long" eval \
	'lists "-a -t check" "a@uml72 a@uml61" "a check uml72:1,+uml61:1 - 9 plain true" &&
	lists "-t long" a@uml61 "a check uml72:1,+uml61:1 - 9 plain true"'
check "a kernel of tier long alone runs there, and not with -a" eval \
	'lists "-a -t check" a@uml72 "a check uml72:1,++uml61:1 - 9 plain true" &&
	lists "-t long" a@uml61 "a check uml72:1,++uml61:1 - 9 plain true"'
check "checks that share a boot are told apart, and each failure counts" shared
check "a check that others may have starved runs once more, alone" again
check "three commits in a row take each further kernel once" in_turn
check "a change of comments in compat needs no further kernel" commented
check "budget bounds the sum of all checks" eval \
	'costly "over the budget by 1 s" 0 "a check host:3001 - 9 plain true" &&
	costly "" 0 "a check host:3000 - 9 plain true" "b long host:50 - 9 plain true"'
check "seconds that are wrong by a factor of two are stale" eval \
	'costly "stale: a took 50" 50 "a check host:20 - 9 plain true" &&
	costly "stale: a took 9" 9 "a check host:20 - 9 plain true" && costly "" 30 "a check host:20 - 9 plain true"'
check "a slow machine makes none stale" eval 'slow=3 costly "" 60 "a check host:20 - 9 plain true" &&
	slow=3 costly "stale: a took 7" 20 "a check host:20 - 9 plain true"'
check "what varies is never stale" costly "" 50 "a check host:20 varies 9 plain true"
check "budget -u restates what was measured" restated
check_fails "a build without the kernel's headers names their package" 1 \
	'no kernel build directory /lib/modules/9.9-none/build .*: apt-get install linux-headers-9.9-none\)$' \
	"$lab/../../scripts/build-module.sh" /lib/modules/9.9-none/build
check "check ended from outside ends what it started" ended
ktap_exit
