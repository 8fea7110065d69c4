#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machine's side of install.sh's boot `voting`: the units of witness and node, as they are installed, vote under
# systemd. First, as a new machine, it begins a cluster, and joins another one twice. Then it is the witness, then one
# of two nodes with a fence, then one of two nodes with a witness, and as such it is switched off. The other voters are
# network namespaces, whose agents are units of this machine.
#
#   voting.sh [PHASE...]      joining, witness, fence, node (all of them); each needs those before it, but witness none
#
# What is installed comes from the host: installed.tar, as `make install DESTDIR=...` made it.
set -u

export DEBIAN_FRONTEND=noninteractive
src=/root/haswitch
mkdir -p $src && tar -C $src -xf /dev/vdb && cd $src || exit 1
# shellcheck source=selftests/lib/ktap.sh
. selftests/lib/ktap.sh
# shellcheck source=selftests/install/booted.sh
. selftests/install/booted.sh

# self: which voter the machine is.
self='' conf=/etc/haswitch/haagentd.conf
declare -A number=([lab]=1 [lb1]=1 [lb2]=2 [lb3]=3 [third]=9 [bmc]=99)

# at VOTER COMMAND...: haadm there.
at() { if [ "$1" = "$self" ]; then haadm "${@:2}"; else haadm -n "$1" "${@:2}"; fi; }

# Depmod takes half a minute here; boot `first` has it.
install_tree() {
	tar -C / --keep-directory-symlink --no-overwrite-dir -xf "$HASW_OUT/installed.tar" && systemctl daemon-reload &&
		HASW_KO=/lib/modules/$(uname -r)/extra/haswitch.ko module_install
}

# The network goes down as that of a machine does, after everything that was started behind network-online.target. What
# is left of lb2 then sees who holds the lease, long before a right of 10 s ends, and writes it down.
units() {
	cat >/root/peer <<-'PEER'
		[ ! -d "/root/$1/etc" ] || exec /root/alone "$1" haagentd
		witness=
		[ "$1" != third ] || witness=--witness
		exec ip netns exec "$1" haagentd $witness -f "/root/$1/conf"
	PEER
	cat >/root/alone <<-'ALONE'
		#!/bin/sh
		name=$1
		shift
		exec ip netns exec "$name" unshare -m sh -c '
			mount --bind "/root/$0/etc" /etc/haswitch && mount --bind "/root/$0/lib" /var/lib &&
			exec "$@"' "$name" "$@"
	ALONE
	chmod 755 /root/alone
	cat >/root/last-look <<-'LOOK'
		[ "$(systemctl is-system-running)" = stopping ] || exit 0
		until haadm -n lb2 lease show web | grep -w held || [ $SECONDS -ge 7 ]; do
			sleep 0.2
		done >>/mnt/out/going
	LOOK
	cat >/etc/systemd/system/lan-net.service <<-'UNIT'
		[Unit]
		Before=network.target network-online.target
		RequiresMountsFor=/mnt/out
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/sbin/ip link add lan up type bridge mcast_snooping 0
		ExecStop=/bin/sh -c 'echo the LAN goes down >>/mnt/out/going; ip link set lan down'
		[Install]
		WantedBy=network-online.target
	UNIT
	cat >/etc/systemd/system/peer@.service <<-'UNIT'
		[Unit]
		After=lan-net.service
		Before=haagentd.service
		RequiresMountsFor=/mnt/out
		[Service]
		Type=notify
		TimeoutStartSec=120
		ExecStart=/bin/bash /root/peer %i
		ExecReload=/bin/kill -HUP $MAINPID
		StandardError=append:/mnt/out/%i.log
		KillMode=mixed
	UNIT
	mkdir /etc/systemd/system/peer@lb2.service.d
	cat >/etc/systemd/system/peer@lb2.service.d/look.conf <<-'UNIT'
		[Unit]
		After=peer@third.service
		[Service]
		ExecStop=/bin/bash /root/last-look
	UNIT
	systemctl daemon-reload && systemctl enable --quiet --now lan-net.service
}

# become VOTER: the machine has its address.
become() {
	self=$1
	ip address flush dev lan scope global && ip address add "10.0.0.${number[$1]}/24" dev lan
}

# join NAME...: namespaces on the LAN.
join() {
	local name
	for name; do
		ip netns add "$name" && ip link add "$name" up type veth peer name eth0 netns "$name" &&
			ip link set "$name" master lan && ip -n "$name" link set lo up &&
			ip -n "$name" address add "10.0.0.${number[$name]}/24" dev eth0 &&
			ip -n "$name" link set eth0 up || return 1
	done
}

# With the times that everybody has.
conf_of() {
	local between='' name
	echo "nodes = ("
	for name; do
		printf '%s  { name = "%s"; address = "10.0.0.%s"; ' "$between" "$name" "${number[$name]}"
		[ "$name" != third ] || printf 'witness = true; '
		printf '}'
		between=$',\n'
	done
	printf '\n);\n'
}

# cluster VOTER... [-- LINE]: begins anew with these voters, of whom nobody remembers a promise. The units of the
# machine itself are left to what is tested.
cluster() {
	local name voters=() line=''
	while [ $# -gt 0 ]; do
		[ "$1" != -- ] || { line=$2; break; }
		voters+=("$1")
		shift
	done
	rm -rf /var/lib/haswitch/voter-* /var/lib/haswitch/config /root/{lb1,lb2,third}
	{ conf_of "${voters[@]}" && echo "$line"; } >"$conf" || return 1
	for name in "${voters[@]}"; do
		[ "$name" != "$self" ] || continue
		mkdir -p "/root/$name" && {
			cat "$conf"
			echo "leases = { voter = \"/root/$name/voter\"; }; configurations = \"/root/$name/config\";"
			echo "journal = { folder = \"/root/$name/journal\"; };"
		} >"/root/$name/conf"
		[ "$name" = third ] || haadm -n "$name" restore /etc/haswitch/haswitch.conf || return 1
	done
	for name in "${voters[@]}"; do
		[ "$name" = "$self" ] || systemctl start --no-block "peer@$name" || return 1
	done
}
peers_end() { systemctl stop 'peer@*' && systemctl reset-failed 'peer@*'; }

# voters NAME N of M
voters() { at "$1" agent show | grep -F "vote: $2 $3 $4 voters heard"; }
holds() { at "$1" lease show web | grep -w held; }
held_by() { wait_for 90 holds "$1"; }
# ends NAME: how often that node's module was told that a grant of its own ended.
ends() {
	at "$1" -j event show | python3 -c 'import json, sys
print(sum(e["kind"] == "lease" and e["node"] == sys.argv[1] and e["cause"] != "granted" for e in json.load(sys.stdin)))
' "$1"
}
deadline_of() { at "$1" -j lease show web | sed -nE 's/.*"deadline": ?([0-9]+).*/\1/p' | head -n 1; }
later() { [ "$(deadline_of "$1")" -gt "$2" ]; }
# renewed NAME: its right goes on for longer than a right lasts.
renewed() {
	local now
	now=$(deadline_of "$1") && wait_for 60 later "$1" $((now + 6000000000))
}
# goes_on NAME COMMAND...: it holds the lease before and after, and no grant of its ended.
goes_on() {
	local before
	holds "$1" && before=$(ends "$1") && "${@:2}" && renewed "$1" && holds "$1" && [ "$(ends "$1")" = "$before" ]
}
link() { ip link set "$1" "$2"; }
silent() { link "$2" down && wait_for 60 voters "$1" 2 of 3; }
heard() { link "$2" up && wait_for 60 voters "$1" 3 of 3; }

# What the machine's operator writes, in the phases in which nobody else does.
configure() {
	cat >/etc/haswitch/haswitch.conf <<-'CONF'
		node add lb1 addr 10.0.0.1
		node add lb2 addr 10.0.0.2
		lease add web prefer lb1
		vip add 10.0.0.100 lease web
	CONF
	modprobe haswitch
}

pid_of() { property "$1" MainPID; }
status_of() { sed -nE "s/^$2:[[:space:]]*([^[:space:]]+).*/\1/p" "/proc/$(pid_of "$1")/status"; }
# said UNIT PATTERN: since it was started last.
said() { journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$(property "$1" InvocationID)" | grep -E -- "$2"; }
none_denied() {
	! journalctl -q -b -o short-monotonic -u haswitch -u haagentd -u haagentd-witness -u haswitch-snapshot |
		grep -iE 'denied|not permitted|read-only file|cannot be (opened|read|written)|status=2[0-9][0-9]/'
}

# A day in the life of a key: two of them, then the newer one. All voters of this machine have the same file.
key_changes() {
	haagentd --addkey /etc/haswitch/haagentd.key && keys_read && wait_for 60 older_unused &&
		haagentd --dropkey /etc/haswitch/haagentd.key && keys_read && wait_for 60 one_key &&
		wait_for 60 voters lb2 3 of 3
}
keys_read() {
	local unit
	for unit in $(systemctl list-units --plain --no-legend 'peer@*' | cut -d' ' -f1); do
		systemctl reload "$unit" || return 1
	done
	if [ "$self" = third ]; then systemctl restart haagentd-witness; else systemctl reload haagentd; fi
}
older_unused() { at lb2 agent show | grep -E '^key .*, the older one: used with nobody'; }
one_key() { [ "$(at lb2 agent show | grep -c '^key ')" = 1 ]; }

# The machine is as after `make install`: the folder in /etc is there, and nothing else.
as_installed() { [ -d /etc/haswitch ] && [ -z "$(ls -A /etc/haswitch)" ] && [ ! -e /var/lib/haswitch ]; }
# forget COMMAND...: nothing of a cluster is left on the machine, once the command has emptied the module.
forget() {
	systemctl disable --quiet --now haswitch-snapshot.timer haagentd haswitch &&
		rm -rf /etc/haswitch/* /var/lib/haswitch && "$@"
}
# One of two units would be enough for is-enabled to succeed.
enabled() { [ "$(systemctl is-enabled haswitch haagentd | sort -u)" = enabled ] && active; }
# files: root's, with these modes, and haswitch.conf has what comes from standard input.
files() {
	own_file /etc/haswitch/haagentd.key 600 && [ -s /etc/haswitch/haagentd.key ] &&
		own_file /var/lib/haswitch 755 && own_file /var/lib/haswitch/config 700 &&
		diff - <(grep -v "^#" /etc/haswitch/haswitch.conf)
}
# seldom SECONDS COMMAND...: as wait_for, for what takes many seconds: to ask costs more CPU here than all agents do.
seldom() {
	local i
	for ((i = 0; i < $1; i++)); do
		"${@:2}" >/dev/null 2>&1 && return 0
		nap 1
	done
	echo "timed out: ${*:2}" >&"$ktap_late"
	return 1
}
# has NODE PATTERN: exactly these generations are there, by number and label, the newest first.
has() {
	local list
	list=$(at "$1" snapshot list | awk 'NR > 1 { printf "%s%s %s", between, $1, $7; between = "," }')
	[[ $list =~ ^$2$ ]]
}
# run_by NUMBER: so many nodes run what is committed.
run_by() { [ "$(haadm cluster show | grep -cE ' runs it(, this machine)?$')" = "$1" ]; }

alone() {
	! haadm cluster init 2>/tmp/said && cat /tmp/said && grep "node lab would be alone" /tmp/said && as_installed
}
begins() {
	haadm cluster init with lb2 addr 10.0.0.2 | tee /tmp/said &&
		grep -x "the units haswitch and haagentd are enabled and started" /tmp/said &&
		grep "^/etc/haswitch/haswitch.conf: node lab at 10.0.0.1, which is this machine" /tmp/said
}
begins_once() {
	local key
	key=$(cat /etc/haswitch/haagentd.key)
	! haadm cluster init with lb2 addr 10.0.0.2 2>/tmp/said && grep "haagentd.key is there already" /tmp/said &&
		[ "$(cat /etc/haswitch/haagentd.key)" = "$key" ]
}

# bare NAME COMMAND...: on that machine, which has no systemd.
bare() { /root/alone "$1" sh -c 'mount -t tmpfs none /run/systemd && exec "$@"' sh "${@:2}"; }
starts() {
	/root/alone "$1" haadm restore --committed /etc/haswitch/haswitch.conf && systemctl start "peer@$1"
}
# appear NAME...: machines with a disk of their own, and without systemd.
appear() {
	local name
	for name; do mkdir -p "/root/$name"/{etc,lib} || return 1; done
	join "$@"
}
disappear() {
	local name
	peers_end || return 1
	for name; do ip netns del "$name" && rm -r "/root/$name" || return 1; done
}
# invite BY NAME: the token is in NAME.token.
invite() { at "$1" cluster invite "$2" addr "10.0.0.${number[$2]}" >"/root/$2.token"; }
# invited BY NAME: such a machine comes.
invited() { invite "$1" "$2" && bare "$2" haadm cluster join - <"/root/$2.token" && starts "$2"; }
others() {
	modprobe haswitch && appear lb2 lb3 &&
		bare lb2 haadm cluster init name lb2 with lb1 addr 10.0.0.1 with lb3 addr 10.0.0.3 && starts lb2 &&
		invited lb2 lb3
}
joins() {
	invite lb2 lb1 && haadm cluster join - </root/lb1.token | tee /tmp/said &&
		grep -x "the units haswitch and haagentd are enabled and started" /tmp/said && grep "$1" /tmp/said
}
three='3 auto-20[^,]*,2 -,1 first'
adopts() { haadm vip add 10.0.0.100 holder lb2 && haadm cluster adopt; }

snapshot() { systemctl start haswitch-snapshot.service && [ "$(property haswitch-snapshot Result)" = "$1" ]; }
# timer_due: within a day and the hour by which it is late at most.
timer_due() {
	local next
	systemctl is-enabled haswitch-snapshot.timer && systemctl is-active haswitch-snapshot.timer &&
		next=$(systemctl show -P NextElapseUSecRealtime haswitch-snapshot.timer) && echo "next: $next" &&
		next=$(($(date -d "$next" +%s) - $(date +%s))) && [ "$next" -gt 0 ] && [ "$next" -le 90000 ]
}
timer_starts() { systemctl enable --quiet --now haswitch-snapshot.timer && timer_due; }
stopped() { systemctl stop haagentd && snapshot exec-condition; }
# The module stays, as the others have it, too.
again() { forget haadm restore /dev/null && seldom 60 voters lb2 2 of 3; }

joining() {
	become lab
	check "nothing is there but what make install has made" as_installed
	check "a node alone begins no cluster" alone
	check "a cluster is begun, and the units are started" begins
	check "init has enabled both units, and they are active" enabled
	check "init has made the files for root, and the journal's folder for all" files <<-'CONF'
		node add lab addr 10.0.0.1
		node add lb2 addr 10.0.0.2
	CONF
	check "a second init changes nothing" begins_once
	check "setup: another machine appears" appear lb2
	check "it joins, invited by the agent that was started" invited lab lb2
	check "both hear each other" seldom 90 voters lab 2 of 2
	check "the first generation is committed by itself" seldom 60 has lb2 "1 first"
	check "setup: the other one disappears" disappear lb2
	check "setup: the machine forgets its cluster" forget module_unload

	become lb1
	check "setup: two other machines begin a cluster" others
	check "the machine joins, and the units are started" joins "this machine is node lb1 now"
	check "join has enabled both units, and they are active" enabled
	check "the machine and the others hear each other" seldom 90 voters lb1 3 of 3
	check "lb2 hears them, too" seldom 60 voters lb2 3 of 3
	check "the first generation is committed" seldom 90 has lb1 "1 first"
	check "all three run it" seldom 60 run_by 3

	check "the timer of snapshots is active, and is due within a day" timer_starts
	check "the first generation is snapshot enough" snapshot success
	check "no further one is there" has lb1 "1 first"
	check "setup: a change is committed" adopts
	check "the snapshot's unit makes one after a change" snapshot success
	check "it has a label by its time" has lb1 "$three"
	check "the unit makes no second one without a change" snapshot success
	check "the others have the same" has lb2 "$three"
	check "without an agent the unit is skipped" stopped

	check "setup: the machine is installed anew" again
	check "it joins the cluster with its configuration" joins "as lb2 has committed by generation 3"
	check "both units are enabled and active after that" enabled
	check "its files are root's, and the journal's folder is for all" files < <(haadm -n lb2 snapshot show 3 |
		grep -v '^#')
	check "all three run the configuration again" seldom 90 run_by 3
	check "all three hear each other again" seldom 90 voters lb1 3 of 3
	check "no unit had anything denied for a new node" none_denied
	check "no unit has failed for a new node" none_failed

	check "setup: the others disappear" disappear lb2 lb3
	check "setup: the machine forgets that cluster" forget module_unload
}

witness_active() { [ "$(property haagentd-witness ActiveState)" = active ]; }
witness_gone() { [ "$(property haagentd-witness ActiveState)" = inactive ]; }
unprivileged() {
	[ "$(status_of haagentd-witness Uid)" -ge 61184 ] && [[ $(status_of haagentd-witness CapEff) =~ ^0+$ ]] &&
		[[ $(status_of haagentd-witness CapBnd) =~ ^0+$ ]] &&
		[ "$(status_of haagentd-witness NoNewPrivs)" = 1 ]
}
# It has no place but the one that systemd made for it.
witness_store() {
	local user
	user=$(status_of haagentd-witness Uid) && [ "$(readlink -f /var/lib/haswitch)" = /var/lib/private/haswitch ] &&
		[ "$(stat -c '%u %a' /var/lib/private/haswitch)" = "$user 700" ] &&
		[ "$(stat -c '%u' /var/lib/haswitch/voter-third)" = "$user" ] && [ -s /var/lib/haswitch/voter-third ]
}
remembers() { ! said haagentd-witness "it knows nothing yet"; }
lb1_dies() { systemctl kill -s KILL peer@lb1 && link lb1 down; }
lb1_back() { link lb1 up && systemctl start peer@lb1; }

witness() {
	configure
	become third && join lb1 lb2
	check "setup: the key is made" by_readme key
	check "setup: two nodes run" cluster lb1 lb2 third
	check "the page's block witness-start works" by_readme witness-start
	check "the witness is active" wait_for 30 witness_active
	check "both nodes hear the witness" wait_for 90 voters lb1 3 of 3
	check "lb1 holds the lease" held_by lb1
	check "the witness is a user of its own, without a capability" unprivileged
	check "the witness keeps its promises where its unit lets it" witness_store
	check "the key of the witness stays root's alone" own_file /etc/haswitch/haagentd.key 600
	check "a restart of the witness ends no grant" goes_on lb1 systemctl restart haagentd-witness
	check "the restarted witness knows its promises" remembers
	check "setup: all three hear each other" wait_for 60 voters lb1 3 of 3
	check "lb1 goes on by the vote of the witness while lb2 is silent" goes_on lb1 silent lb1 lb2
	check "lb2 is heard again" heard lb1 lb2
	check "a change of the key ends no grant" goes_on lb1 key_changes
	check "setup: lb1 dies" lb1_dies
	check "lb2 holds the lease by the vote of the witness" held_by lb2
	check "the witness had nothing denied" none_denied
}

# What a fence agent does: it reads a secret below /root, asks a management board by the network, and logs.
fence_write() {
	(umask 077 && echo secret >/etc/haswitch/bmc-password)
	cat >/usr/local/sbin/switch-off <<-'FENCE'
		#!/bin/sh
		exec >>/var/log/switch-off-$HASWITCH_NODE 2>&1
		bmc() { curl -s -f -m 10 -u "fence:$(cat /etc/haswitch/bmc-password)" "http://10.0.0.99/$1/$2"; }
		echo "switches $1 off, as user $(id -u)"
		sed -n 's/^CapEff:[^0-9a-f]*/capabilities /p' /proc/self/status
		head -c 512 /dev/vda >/tmp/sector && echo "device read"
		for place in /etc /usr /root; do
			touch $place/switched 2>/dev/null && echo "$place written"
		done
		bmc "$1" off || exit 1
		for try in 1 2 3; do
			bmc "$1" status | grep "is off" && exit 0
			sleep 0.5
		done
		exit 1
	FENCE
	chmod 755 /usr/local/sbin/switch-off
	cat >/root/bmc.py <<-'BMC'
		import base64, http.server, subprocess
		class Board(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        secret = base64.b64encode(b"fence:secret").decode()
		        if self.headers.get("Authorization") != "Basic " + secret:
		            return self.send_error(401)
		        node, word = self.path.strip("/").split("/")
		        if word == "off":
		            subprocess.run(["systemctl", "kill", "-s", "KILL", f"peer@{node}"])
		            subprocess.run(["nsenter", "-t", "1", "-n", "ip", "link", "set", node, "down"], check=True)
		        on = subprocess.run(["systemctl", "--quiet", "is-active", f"peer@{node}"]).returncode == 0
		        self.send_response(200)
		        self.end_headers()
		        self.wfile.write(f"{node} is {'on' if on else 'off'}\n".encode())
		http.server.HTTPServer(("", 80), Board).serve_forever()
	BMC
	systemd-run --quiet --unit=bmc ip netns exec bmc python3 /root/bmc.py
}
fence_log=/var/log/switch-off-lb1
fenced() { grep -x "lb2 is off" "$fence_log"; }
# may SET BIT...: the set has these capabilities.
may() {
	local bit
	for bit in "${@:2}"; do [ $((0x$1 >> bit & 1)) = 1 ] || return 1; done
}
# CAP_NET_ADMIN and CAP_SYS_RAWIO, but not CAP_SYS_MODULE, which the unit takes from all that it starts.
fence_able() {
	local has
	cat "$fence_log"
	grep -x "switches lb2 off, as user 0" "$fence_log" && grep -x "device read" "$fence_log" &&
		has=$(sed -n 's/^capabilities //p' "$fence_log" | head -n 1) && may "$has" 12 17 && ! may "$has" 16
}
fence_kept() { ! grep written "$fence_log" && [ ! -e /tmp/sector ]; }
# CAP_NET_ADMIN is left, and of CAP_DAC_OVERRIDE, CAP_NET_RAW and CAP_SYS_ADMIN nothing.
agent_bare() {
	local has bit
	has=$(status_of haagentd CapPrm) && may "$has" 12 || return 1
	for bit in 1 13 21; do ! may "$has" "$bit" || return 1; done
}
state_moved() { [ ! -L /var/lib/haswitch ] && own_file /var/lib/haswitch 755; }
lb2_back() {
	link lb2 up && systemctl start peer@lb2 &&
		wait_for 60 voters lb1 2 of 2
}

fence() {
	check "setup: the nodes end" peers_end
	ip netns del lb1 && become lb1 && join bmc
	check "setup: a fence is there" fence_write
	check "setup: the machine is a node with a fence" cluster lb1 lb2 -- 'fence = "/usr/local/sbin/switch-off";'
	check "the page's block start works" by_readme start
	check "both units are active" wait_for 30 active
	check "the unit of the node has ended that of the witness" witness_gone
	systemctl disable --quiet haagentd-witness
	check "the folder of the witness is that of the node now" state_moved
	check "lb1 holds the lease of two" held_by lb1
	check "the agent has given its capabilities up" agent_bare
	check "setup: lb2 is silent" link lb2 down
	check "lb2 is fenced" wait_for 90 fenced
	check "lb1 holds the lease alone" held_by lb1
	check "the fence had devices, keys and capabilities" fence_able
	check "the fence could not write where the unit forbids it" fence_kept
	check "lb2 is back" lb2_back
	check "lb1 goes on with lb2" renewed lb1
}

voter_kept() { own_file /var/lib/haswitch/voter-lb1 600 && [ -s /var/lib/haswitch/voter-lb1 ]; }
restarted() { systemctl restart haagentd && wait_for 90 voters lb2 3 of 3; }

node() {
	check "setup: the agent is stopped" systemctl stop haagentd
	check "setup: lb2 ends" peers_end
	join third
	# The voters to come know nothing of a long right that the agent left with the module.
	check "setup: lb1's long right has run out" wait_for 30 sh -c '! haadm lease show web | grep -w held'
	check "setup: the machine is a node with a witness" cluster lb1 lb2 third
	check "haagentd starts again" systemctl start haagentd
	check "all three hear each other" wait_for 90 voters lb1 3 of 3
	check "lb1 holds the lease of three" held_by lb1
	check "the promises of lb1 are root's alone" voter_kept
	check "a restart of the agent ends no grant" goes_on lb1 restarted
	check "the page's block reload ends no grant" goes_on lb1 by_readme reload
	check "a change of the key by reloads ends no grant" goes_on lb1 key_changes
	check "setup: the agent is stopped for longer" systemctl stop haagentd
	check "lb2 holds the lease after that" held_by lb2
	check "lb1's module holds it no more" wait_for 10 sh -c '! haadm lease show web | grep -w held'
	check "setup: the agent is started" systemctl start haagentd
	check "lb1, which is preferred, has it back" held_by lb1
	check "setup: all hear each other before the machine goes" wait_for 60 voters lb2 3 of 3
	check "no unit had anything denied" none_denied
	check "no unit has failed" none_failed
}

units_good() {
	systemd-analyze verify haswitch.service haagentd.service haagentd-witness.service haswitch-snapshot.timer 2>&1 |
		tee /tmp/verify
	[ ! -s /tmp/verify ]
}
# exposed UNIT MOST: tenths of what systemd-analyze calls exposure.
exposed() {
	local code=0
	systemd-analyze security --no-pager "--threshold=$2" "$1.service" >/tmp/exposed || code=$?
	tail -n 1 /tmp/exposed
	return "$code"
}

ktap_header
check "the installed tree is unpacked" install_tree
check "setup: the LAN comes up" units
check "systemd-analyze verifies the units" units_good
check "the witness's unit is exposed no more than it was" exposed haagentd-witness 31
check "the agent's unit is exposed no more than it was" exposed haagentd 80
[ $# -gt 0 ] || set -- joining witness fence node
for phase; do $phase; done
journalctl -b --no-pager -o short-monotonic >"$HASW_OUT/journal.txt"
ktap_exit
