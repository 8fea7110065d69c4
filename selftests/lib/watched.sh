# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $dir is the test's
# Points of haadm.sh: status -w and top, with a client on a link of its own, and how many flows a drained node has left.
#
# Sourced after ktap.sh; the test has prints() and silent(), and a folder $dir.

watched_configure() {
	ns_add ha-watch ha-client && ip link add lan0 netns ha-watch type veth peer name lan0 netns ha-client &&
		ip -n ha-watch addr add 10.0.0.1/24 dev lan0 && ip -n ha-client addr add 10.0.0.9/24 dev lan0 &&
		ip -n ha-watch link set lan0 up && ip -n ha-client link set lan0 up && haadm -n ha-watch -b - <<-END
			node add n1 addr 10.0.0.1 self
			node add n2 addr 10.0.0.2
			vip add 10.0.0.100 holder n1
			service add 10.0.0.100:80/tcp sched rr
			service add 10.0.0.100:53/udp sched rr
			service add 10.0.0.100:54/udp
			member add 10.0.0.100:80/tcp node n1
			member add 10.0.0.100:53/udp node n1
			member add 10.0.0.100:54/udp node n1
			beat n1 n2 for 1h
		END
	# Where nobody listened, the member would refuse.
	n ha-watch python3 -c 'import select, socket
socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for i, s in enumerate(socks):
    s.bind(("10.0.0.100", 53 + i))
print("listening", flush=True)
while True:
    for s in select.select(socks, [], [])[0]:
        s.recv(200)' >"$dir/sink" 2>&1 &
	wait_for 10 grep -q listening "$dir/sink"
}

# datagrams N [PORT]: the client sends so many of 100 bytes (128 with headers) to the vip, each from a port of its own.
datagrams() {
	n ha-client python3 -c 'import socket, sys
for _ in range(int(sys.argv[1])):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(bytes(100), ("10.0.0.100", int(sys.argv[2])))
' "$1" "${2:-53}"
}

# flowing: from now on the client begins 10 flows to port 53 and 10 to 54, 20 times a second. One process does, since a
# busy machine takes longer to start one than rates are measured for. Sets $flows, which the caller ends.
flowing() {
	ip netns exec ha-client python3 -c 'import socket, time
while True:
    for port in [53, 54] * 10:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(bytes(100), ("10.0.0.100", port))
    print("sent", flush=True)
    time.sleep(0.05)
' >"$dir/flowing" &
	flows=$!
	wait_for 20 test -s "$dir/flowing"
}

# member_has PORT/PROTO FILTER
member_has() { haadm -n ha-watch -j member show "10.0.0.100:$1" | jq -e ".[0] | $2"; }

# A connection that the client closes is closing, and stays so for a while.
closing() {
	n ha-watch python3 -c 'import socket
s = socket.create_server(("10.0.0.100", 80))
print("listening", flush=True)
for _ in range(2):
    c, _ = s.accept()
    c.recv(1)
    c.close()' >"$dir/server" &
	wait_for 10 grep -q listening "$dir/server" && n ha-client python3 -c 'import socket
for _ in range(2):
    c = socket.create_connection(("10.0.0.100", 80), 5)
    c.shutdown(socket.SHUT_WR)
    c.recv(1)' && wait_for 10 member_has 80/tcp '.flow_made == 2 and .flows == 2 and .closing == 2' || return 1
	wait $!
	prints ' flows 2 closing 2 flow-made 2 full 0$' haadm -n ha-watch -s member show 10.0.0.100:80/tcp
}

# Flows that begin are counted once, however many packets they have; what moves or ends counts no more.
made() {
	datagrams 5 && datagrams 3 &&
		wait_for 10 member_has 53/udp '.flow_made == 8 and .flows == 8 and .closing == 0' &&
		datagrams 1 54 && wait_for 10 member_has 54/udp '.packets == 1 and .flow_made == 0 and .flows == 0'
}

drained() {
	local code=0
	haadm -n ha-watch node set n1 state drain &&
		prints '^  n1 +drain for [^,]*, this machine, 10 connections left$' haadm -n ha-watch status &&
		haadm -n ha-watch flow del 10.0.0.100:80/tcp >"$dir/text" &&
		prints '^  n1 .*, 8 connections left$' haadm -n ha-watch status &&
		haadm -n ha-watch -j status |
		jq -e '.nodes[0].flows_left == 8 and .nodes[0].flows_elsewhere == false and
			(.nodes[1] | has("flows_left") | not)' &&
		haadm -n ha-watch vip set 10.0.0.100 holder n2 &&
		prints '^  n1 .*, 8 connections left here; the holders of other' haadm -n ha-watch status &&
		haadm -n ha-watch vip set 10.0.0.100 holder n1 && haadm -n ha-watch flow del all >"$dir/text" &&
		prints '^  n1 .*, no connections left$' haadm -n ha-watch status || code=1
	haadm -n ha-watch node set n1 state up && return $code
}

# The rates of services, while a client begins flows.
top_rates() {
	local code flows
	flowing || return 1
	haadm -n ha-watch -j top every 300ms count 3 >"$dir/top"
	code=$?
	kill "$flows"
	cat "$dir/top"
	[ $code -eq 0 ] || return 1
	jq -es 'length == 3 and all(.interval >= 300000000) and
		(map(.services[] | select(.service == "10.0.0.100:53/udp")) | all(.tracked and .flows_active > 0) and
			any(.flows_per_second > 0) and
			all(.flows_per_second - .packets_per_second | . > -20 and . < 20) and
			all(.bytes_per_second - 128 * .packets_per_second | . > -2560 and . < 2560) and
			all(.members[0].member == "n1" and .members[0].serving)) and
		(map(.services[] | select(.service == "10.0.0.100:54/udp")) | all(.tracked | not) and
			any(.packets_per_second > 0) and all(has("flows_per_second") or has("flows_active") | not)) and
		all(.services | length == 3 and . == sort_by(-.packets_per_second)) and
		any(.services[0].service != "10.0.0.100:80/tcp")' "$dir/top"
}

top_text() {
	haadm -n ha-watch top every 100ms >"$dir/text" && cat "$dir/text" &&
		grep -qE '^1 of 1 vip served, 2 of 2 nodes usable, [0-9]+ of at most 262144 flows$' "$dir/text" &&
		grep -qE '^service, member +flows/s +packets/s +bytes/s +active +closing$' "$dir/text" &&
		grep -qE '^10.0.0.100:54/udp +- +[0-9.kM]+ +[0-9.kM]+ +- +-$' "$dir/text" &&
		[ "$(grep -cE '^  n1 .*  serves$' "$dir/text")" -eq 3 ]
}

# One reading has how many flows there are; two have the rates between them.
status_over() {
	local code flows
	datagrams 10 && haadm -n ha-watch status |
		grep -E '^    10.0.0.100:53/udp -> 1 of 1 member, [0-9]+ active, 0 closing$' &&
		haadm -n ha-watch -j status | jq -e 'has("rates_over") | not' &&
		haadm -n ha-watch -j status | jq -e '.vips[0].services | map(.rates) | any(.tracked and
			.flows_active >= 0 and .closing >= 0) and any(.tracked | not) and
			all(has("packets_per_second") | not)' || return 1
	flowing || return 1
	haadm -n ha-watch -j status over 500ms >"$dir/json"
	code=$?
	kill "$flows"
	[ $code -eq 0 ] && jq -e '.rates_over >= 500000000 and (.vips[0].services | map(.rates) |
			all(has("packets_per_second")) and any(.packets_per_second > 0))' "$dir/json" &&
		haadm -n ha-watch status over 100ms | grep -E ' flows/s, .* packets/s, .* bytes/s, [0-9]+ active, '
}

# With all that there can be: a lease, a pulse, flows, a conflict, a node with a fixed address, faults.
schema_of_many() {
	local code=0 events key
	for key in tx rx; do (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$dir/$key"); done
	haadm -n ha-watch -b - <<-END && datagrams 3 || return 1
		node add n3 addr 10.0.0.3 zone z lladdr 02:00:00:00:00:03 dev lan0 state drain within 5m
		lease add web prefer n1 only n1 failback 10s
		lease set web floor 1
		lease set web epoch 1 holder n1 for 10s
		vip add 10.0.0.110 lease web
		vip add 10.0.0.111 on lan0 everywhere
		service add 10.0.0.110:80/tcp also 443 also 8000-8010 on-empty n2 sched rr persist 1m mask 24
		member add 10.0.0.110:80/tcp node n3 via tunnel
		pulse set n2 id 7 interval 100ms multiplier 4 path 10.0.0.1 10.0.0.2 tx-key $dir/tx rx-key $dir/rx
	END
	n ha-client ping -q -c 1 -W 1 10.0.0.110 >"$dir/text"
	haadm -n ha-watch -j monitor >"$dir/monitored" &
	events=$!
	wait_for 10 monitored
	kill $events
	wait $events
	schema_fits ha-watch "node show" "zone show" "vip show" "service show" "member show" "lease show" \
		"pulse show" "flow show" "event show" "stats show" "stats switch" "flow limits" "flow del" status \
		check top doctor explain || code=1
	jq -cj '"monitor\t\(.)\n"' "$dir/monitored" | python3 "$schema_check" "$dir/schema" monitor || code=1
	haadm -n ha-watch -b - <<-END && return $code
		pulse del n2
		service del 10.0.0.110:80/tcp
		vip del 10.0.0.110
		vip del 10.0.0.111
		lease del web
		node del n3
	END
}

# monitored: the monitor has printed an event.
monitored() { haadm -n ha-watch node set n3 zone y && [ -s "$dir/monitored" ]; }

# status -w shows all again when a node's state changes, long before its interval ends; SIGINT ends it.
shows_events() {
	local pid code=0
	haadm -n ha-watch status -w every 1h >"$dir/text" &
	pid=$!
	wait_for 10 grep -q '^  n2 .* up' "$dir/text" && ! grep -q 'n2 .* down' "$dir/text" &&
		haadm -n ha-watch node set n2 state down && wait_for 10 grep -q '^  n2 .* down' "$dir/text" || code=1
	kill -INT $pid
	wait $pid || code=1
	haadm -n ha-watch -b - <<<$'node set n2 state up\nfailback n2' && return $code
}

again_json() {
	haadm -n ha-watch -j status -w every 100ms count 2 >"$dir/json" &&
		jq -es 'length == 2 and (.[0].vips[0].services[0].rates | has("packets_per_second") | not) and
			(.[1].vips[0].services | length == 3 and all(.rates.packets_per_second >= 0))' "$dir/json"
}

# The client has the vip as an address, too, and asks with it for the holder.
doctor_conflict() {
	local code=0
	doctor_not ha-watch conflict && ip -n ha-client addr add 10.0.0.100/32 dev lan0 &&
		ip -n ha-client neigh flush dev lan0 || return 1
	n ha-client ping -q -c 1 -W 1 -I 10.0.0.100 10.0.0.1 >"$dir/text"
	wait_for 10 doctor_finds ha-watch conflict 'vip 10.0.0.100.*CONFLICT: also answered by ' || code=1
	ip -n ha-client addr del 10.0.0.100/32 dev lan0 && return $code
}

# On a terminal of 8 lines of 30 characters each showing fits; a key ends it.
on_terminal() {
	n ha-watch python3 - "$1" <<-'END'
		import fcntl, os, pty, re, struct, sys, termios

		pid, fd = pty.fork()
		if not pid:
		    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 30, 0, 0))
		    os.execvp("haadm", ["haadm", "-c", *sys.argv[1].split()])
		text = b""
		while text.count(b"\x1b[J") < 2:
		    text += os.read(fd, 65536)
		os.write(fd, b"q")
		try:
		    while more := os.read(fd, 65536):
		        text += more
		except OSError:
		    pass
		_, code = os.waitpid(pid, 0)
		screens = text.split(b"\x1b[H")[2:]
		for screen in screens:
		    plain = re.sub(rb"\x1b\[[0-9;]*[a-zA-Z]", b"", screen.split(b"\x1b[J")[0]).decode()
		    lines = plain.split("\r\n")[:-1]
		    print(lines)
		    assert 3 < len(lines) < 8 and all(len(line) <= 30 for line in lines)
		assert code == 0 and len(screens) >= 2, (code, text)
	END
}

watched() {
	check "setup: a namespace for status -w and top" watched_configure
	check "member show counts flows that are closing" closing
	check "member show counts flows that began" made
	check "status tells how many connections a drained node has left" drained
	check "top shows rates and flows of services and members" top_rates
	check "top prints a table" top_text
	check "what commands print in JSON is as the schema says" schema_of_many
	check "doctor: another host uses a vip" doctor_conflict
	check "status -w shows a change at once, until SIGINT" shows_events
	check "status -j -w prints an object a line, with rates" again_json
	check "status -w fits the terminal, and a key ends it" on_terminal "status -w every 100ms"
	check "top fits the terminal, and a key ends it" on_terminal "top every 100ms"
	check_fails "status count without -w is an error" 1 'status: "every" and "count" need "-w"' haadm status count 2
	check "status over shows rates and flows, and without it flows alone" status_over
	check_fails "status over with every is an error" 1 'status: "over" stands alone, with its time' \
		haadm status over 1s every 1s
	check_fails "top with an unknown word is an error" 1 'unknown word "fast"; valid are "every" and "count"' \
		haadm top fast
	check_fails "top with a time too short is an error" 1 '"1ms" is not a time from 100ms to 1h' haadm top every 1ms
	check_fails "status -w to a full disk is an error" 1 "cannot write the output" \
		sh -c 'haadm status -w every 100ms >/dev/full'
	ns_del_all
}
