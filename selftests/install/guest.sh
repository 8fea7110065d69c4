#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machine's side of install.sh: installs, operates, upgrades and uninstalls haswitch by the documentation's words.
#
#   guest.sh first     a fresh machine: install, start, serve, upgrade
#   guest.sh second    after a boot: is all as it was? Then uninstall, with vips live
#
# The machine is lb of doc/install.md. Its LAN is a bridge; web1, web2 and a client are namespaces on it.
set -u

export DEBIAN_FRONTEND=noninteractive MANPAGER=cat
src=/root/haswitch
mkdir -p $src
[ -e $src/Makefile ] || tar -C $src -xf /dev/vdb
cd $src || exit 1
# shellcheck source=selftests/lib/ktap.sh
. selftests/lib/ktap.sh
# shellcheck source=selftests/install/booted.sh
. selftests/install/booted.sh

vip=10.0.0.100 floating=10.0.0.101

# Everything on the disk but logs, caches, what an agent keeps for its next life, and what belongs to this test.
disk() {
	find / -xdev \( -path /root -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /var/tmp -o -path \
		/mnt \
		-o -path /var/lib/systemd -o -path /var/lib/haswitch -o -path /var/lib/apt -o -path /etc/haswitch \
		-o -path \
		/etc/systemd/system/lab-net.service \
		-o -path '/etc/systemd/system/network-online.target.wants*' \) -prune -o -printf '%y %m %p %l\n' |
		sort -k3
}

# The LAN comes up as late as a machine's network may: its addresses are there when network-online.target is reached,
# and not when network.target is.
lan_unit() {
	cat >/root/lan <<-'LAN'
		set -e
		ip link add lan type bridge
		ip address add 10.0.0.1/24 dev lan
		ip link set lan up
		for node in web1:11 web2:12 client:50; do
			name=${node%:*}
			ip netns add $name
			ip link add $name type veth peer name eth0 netns $name
			ip link set $name master lan up
			ip -n $name link set lo up
			ip -n $name address add 10.0.0.${node#*:}/24 dev eth0
			ip -n $name link set eth0 up
		done
	LAN
	cat >/etc/systemd/system/lab-net.service <<-'UNIT'
		[Unit]
		DefaultDependencies=no
		After=local-fs.target network.target systemd-modules-load.service
		Before=network-online.target
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/bin/bash /root/lan
		[Install]
		WantedBy=network-online.target
	UNIT
	systemctl enable --quiet --now lab-net.service
}

# What the documentation has one write: the same for all nodes.
conf_of() { selftests/install/readme haswitch.conf; }
# An emulated machine cannot vote in 90 ms: the vip has a fixed holder here. host/as_written.sh has the files as they
# are.
fixed() { sed '/^lease add/d; s/ lease web$/ holder lb/'; }

write_conf() {
	conf_of | fixed >/etc/haswitch/haswitch.conf &&
		selftests/install/readme haagentd.conf |
		sed 's/; } );/; interval = "3s"; timeout = "3s"; } );/' >/etc/haswitch/haagentd.conf &&
		grep -q timeout /etc/haswitch/haagentd.conf || return 1
	# With the shipped timings an emulated machine on a busy host would find its nodes dead and its servers slow.
	echo 'timings = { heartbeat = "1s"; }; leases = { vote = false; };' >>/etc/haswitch/haagentd.conf
}

# The other two nodes: namespaces, so their agents and servers are units of this machine.
web_up() {
	local node
	for node in web1 web2; do
		conf_of | fixed >"/root/$node.conf"
		haadm -n "$node" restore "/root/$node.conf" || return 1
		mkdir -p "/root/www-$node"
		echo "$node" >"/root/www-$node/index.html"
		unit "agent-$node" ip netns exec "$node" haagentd -f /etc/haswitch/haagentd.conf || return 1
		serve "$node" || return 1
	done
}
unit() { systemd-run --quiet --collect "--unit=$1" "${@:2}"; }
serve() { unit "serve-$1" ip netns exec "$1" python3 -m http.server -d "/root/www-$1" 80; }
web_down() { systemctl stop {agent,serve}-web{1,2} 2>/dev/null || true; }

get() { n client curl -s -m 10 "http://$vip/"; }
served_by() { [ "$(get)" = "$1" ]; }
reached() { n client ping -c 1 -W 1 "$floating"; }
unreached() { ! reached && ! get; }

# A client that asks again and again, and writes down each answer; `stop` ends it.
ask_on() {
	rm -f /tmp/stop /tmp/answers
	while [ ! -e /tmp/stop ]; do
		get || echo "$(date +%T) failed, curl ended with $?"
	done >/tmp/answers 2>/dev/null &
	asker=$!
}
ask_off() { touch /tmp/stop && wait "$asker"; }
# At least so many, and not one failed; else what the cluster did meanwhile.
all_answered() {
	echo "$(grep -c web /tmp/answers) answered, $(grep -cv web /tmp/answers) not"
	[ "$(grep -c web /tmp/answers)" -ge "$1" ] && ! grep -qv web /tmp/answers && return 0
	date +%T
	grep -v web /tmp/answers
	haadm event show
	journalctl -q --no-pager -n 30 -u haagentd -u 'agent-*' -u 'serve-*'
	return 1
}

notified() { [ "$(property haagentd Type)" = notify ] && [ "$(property haagentd StatusText)" != "" ]; }
# The agent has begun only once the configuration stood.
in_order() {
	local stood began
	stood=$(property haswitch ActiveEnterTimestampMonotonic) \
		began=$(property haagentd ExecMainStartTimestampMonotonic)
	echo "configured at $stood us, agent started at $began us"
	[ "$stood" -gt 0 ] && [ "$began" -ge "$stood" ]
}
as_saved() { diff /etc/haswitch/haswitch.conf <(haadm save); }
build_id() {
	modinfo -n haswitch | xargs -I{} sh -c 'objcopy -O binary --only-section=.note.gnu.build-id {} /dev/stdout' |
		sha256sum
}
new_module_loaded() { [ "$(sha256sum </sys/module/haswitch/notes/.note.gnu.build-id)" = "$(build_id)" ]; }
old_module_loaded() { ! new_module_loaded; }
man_found() {
	local page; for page in "$@"; do man -w "$page" && [ -n "$(man "$page" | head -n 5)" ] || return 1; done
}

# As at a prompt: the loader of bash-completion finds the file by the command's name.
completed() {
	# shellcheck disable=SC2016 # for the other shell
	bash -c '. /usr/share/bash-completion/bash_completion
		_completion_loader "$1"; complete -p "$1" && f=$(complete -p "$1" | sed -E "s/.*-F ([^ ]+).*/\1/")
		COMP_WORDS=("$1" "$2") COMP_CWORD=1 COMP_LINE="$1 $2" COMP_POINT=${#COMP_LINE}
		$f "$1" "$2" "$1"; printf "%s\n" "${COMPREPLY[@]}"
		printf "%s\n" "${COMPREPLY[@]}" | grep -qx -e "$3"' - "$@"
}

nothing_there() { ! command -v haadm haagentd && ! modinfo -n haswitch; }
named_by_ip() {
	# iproute2 6.1 knows names of routes' protocols, those of addresses came later; the label says it there.
	ip -n web1 route show proto haswitch && ip -n web1 address show dev ha0 | tee /dev/stderr |
		grep -q "inet $vip/32 .* ha0:vip"
}
# What operations.md adds works, and goes again.
pinged() { n client ping -c 1 -W 1 "$vip"; }
translated() { [ "$(n client curl -s -m 10 "http://$vip:8080/")" = web1 ]; }
filtered() { n web1 nft list chain netdev guard early | grep "tcp dport != 80 drop"; }

# at NODE COMMAND...: haadm there.
at() { if [ "$1" = lb ]; then haadm "${@:2}"; else haadm -n "$1" "${@:2}"; fi; }
# everywhere BLOCK NODE...: by the page, on these nodes in this order.
everywhere() {
	local node block=$1
	shift
	for node; do
		if [ "$node" = lb ]; then by_readme "$block" || return 1; else by_readme "$block" n "$node" ||
			return 1; fi
	done
}
# grant EPOCH NODE...: the last of them holds the lease, for as long as can be.
grant() {
	local node epoch=$1
	shift
	for node; do at "$node" lease set web epoch "$epoch" holder "${@: -1}" for 10s || return 1; done
}
# renew EPOCH NODE...: again and again, until renew_end.
renew() {
	touch /tmp/renew
	while [ -e /tmp/renew ]; do
		grant "$@"
		sleep 1
	done >/tmp/renewed 2>&1 &
	renewer=$!
}
renew_end() { rm -f /tmp/renew && wait "$renewer"; }
holds() { at "$1" lease show web | grep -w held; }
give_back() { at web1 lease release web to lb && grant 3 web1 web2 lb; }
unchanged() { diff /tmp/configuration <(haadm save); }
lease_gone() { local node; for node in lb web1 web2; do at "$node" lease del web || return 1; done; }

add_floating() { haadm vip add "$floating" holder lb && haadm save >/etc/haswitch/haswitch.conf; }
floating_on_ha0() { ip address show dev ha0 | grep "inet $floating/32 "; }
answers() { [ "$(wc -l </tmp/answers)" -ge "$1" ]; }
no_device() {
	! ip link show dev ha0 && ! ip -n web1 link show dev ha0 && ! ip address | grep -e "$vip" -e "$floating"
}
no_unit() {
	local unit; for unit in haswitch haagentd \
		haagentd-witness; do [ "$(property "$unit" LoadState)" = not-found ] || return 1; done
}
no_agent() { ! pgrep -x haagentd; }

# systemctl reload: a file with an error changes nothing.
refused_reload() {
	local before after code=0
	before=$(haadm save)
	cp /etc/haswitch/haswitch.conf /tmp/good.conf
	echo 'vip add 10.0.0.999' >>/etc/haswitch/haswitch.conf
	! systemctl reload haswitch || code=1
	after=$(haadm save)
	cp /tmp/good.conf /etc/haswitch/haswitch.conf
	systemctl reload haswitch || code=1
	[ "$before" = "$after" ] && [ "$code" = 0 ] && active
}

first() {
	check "a fresh machine has nothing of haswitch" nothing_there
	hostnamectl set-hostname lb || hostname lb
	echo 127.0.0.1 lb >>/etc/hosts
	check "the LAN comes up" lan_unit
	disk >/root/disk.before

	check "the page's block install works" by_readme install
	check "modprobe finds the module for the running kernel" modprobe -n haswitch
	check "man finds the installed pages" man_found haadm haagentd haagentd.conf haswitch-netlink
	check "completion of haadm" completed haadm st status
	check "completion of haagentd" completed haagentd --gen --genkey
	check "/etc/haswitch is there" own_file /etc/haswitch 755
	check_fails "without a configuration the agent says what is missing" 1 haagentd.conf haagentd --check-config

	check "the configuration is written" write_conf
	check "the page's block key works" by_readme key
	check "the page's block start works" by_readme start
	check "the agent's key is root's alone" own_file /etc/haswitch/haagentd.key 600
	check "both units are active" wait_for 30 active
	check "systemd has the status text of the agent" notified
	check "the agent started after the configuration stood" in_order
	check "both units start at boot" systemctl is-enabled haswitch haagentd
	check "systemctl reload with a wrong configuration changes nothing" refused_reload

	check "the other nodes start" web_up
	check "web1 serves at first" wait_for 60 served_by web1
	check "the page's block try works" by_readme try n client
	check "ip shows the vip as one of haswitch" named_by_ip
	check "the page's block look works" by_readme look
	check "the page's block look-member works" by_readme look-member n web1
	check "the page's block history works" by_readme history
	check "the journal has what happened" wait_for 60 sh -c "haadm journal | grep -E ' lb node .*node web1 '"
	check "web2 serves after the page's block look-member drained web1" wait_for 60 served_by web2
	check "setup: web1 is set up after the drain" haadm node set web1 state up
	check "web1 serves after the drain" wait_for 60 served_by web1
	systemctl kill -s KILL serve-web1
	check "web2 serves after web1's server is killed" wait_for 60 served_by web2
	check "setup: web1's server is started" serve web1
	check "web1 serves when its server is back" wait_for 60 served_by web1

	operations
	leases

	check "setup: a floating vip is added and saved" add_floating
	check "the client reaches the new floating vip" wait_for 20 reached

	upgrade
	check "no unit has failed" none_failed
}

operations() {
	haadm save >/tmp/configuration
	check "the page's block ping works" by_readme ping
	check "the holder answers a ping" wait_for 20 pinged
	check "setup: the service of ping is deleted" haadm service del "$vip/icmp"
	check "the page's block nat works" by_readme nat
	check "the server of a member via nat answers" wait_for 20 translated
	check "setup: the service via nat is deleted" haadm service del "$vip:8080/tcp"
	check "the page's block filter works" by_readme filter n web1
	check "the filter of the page is in place" filtered
	check "setup: the page's filter is deleted" n web1 nft delete table netdev guard
}

# Nobody but this grants: the page's grant lasts for 5 s, within which the first renewal comes.
leases() {
	check "the page's block lease-begin works" everywhere lease-begin web1 web2 lb
	check "the page's block lease-grant works" everywhere lease-grant web1 web2 lb
	renew 1 web1 web2 lb
	check "lb holds the lease" wait_for 20 holds lb
	check "the page's block lease-use works" everywhere lease-use web1 web2 lb
	check "web1 serves a vip with a lease" wait_for 60 served_by web1
	renew_end
	check "the page's block lease-release works" by_readme lease-release
	check "the page's block lease-move works" everywhere lease-move web2 lb web1
	renew 2 web2 lb web1
	check "web1 holds the lease" wait_for 20 holds web1
	check "web1 serves as the holder of the lease" wait_for 60 served_by web1
	renew_end
	check "setup: lb gets the lease back" give_back
	check "the page's block lease-end works" everywhere lease-end web1 web2 lb
	check "no lease is left after the page's block lease-end" lease_gone
	check "web1 serves after the page's block lease-end" wait_for 60 served_by web1
	check "the configuration is as before the page's leases" unchanged
}

# A newer version comes while this one works.
upgrade() {
	sed -i 's/^MODULE_DESCRIPTION("/&Newer: /' kmod/main.c
	echo '/* Newer. */' >>userspace/haagentd/main.c
	ask_on
	check "make install of a newer version works while packets flow" make install
	check "the old module works on after make install" old_module_loaded
	check "the page's block upgrade-agent works" by_readme upgrade-agent
	check "the units are active after the agent's upgrade" wait_for 30 active
	check "requests go on after the agent's upgrade" wait_for 60 answers 20
	ask_off
	check "no request failed during the agent's upgrade" all_answered 20
	check "the page's block upgrade-module works" by_readme upgrade-module
	check "the new module is loaded" new_module_loaded
	check "the new module has the file's configuration" as_saved
	check "the units are active after the module's upgrade" wait_for 30 active
	# The module of the other nodes is the same one here.
	web_down
	check "the other nodes start again" web_up
	check "web1 serves after the upgrade" wait_for 60 served_by web1
	check "the client reaches the floating vip" wait_for 20 reached
}

second() {
	check "both units are active after the boot" wait_for 60 active
	check "the agent started when the configuration stood" in_order
	check "no unit has failed" none_failed
	check "the configuration is the file's" as_saved
	check "the floating vip is on ha0" floating_on_ha0
	check "the client reaches the floating vip after the boot" wait_for 20 reached
	check "the other nodes start" web_up
	check "web1 serves after the boot" wait_for 60 served_by web1

	ask_on
	check "requests are served before the uninstallation" wait_for 60 answers 3
	check "the page's block uninstall works while packets flow" by_readme uninstall
	ask_off
	check "the module is gone after the uninstallation" test ! -e /sys/module/haswitch
	check "the devices and vips are gone after the uninstallation" no_device
	check "the units are gone after the uninstallation" no_unit
	web_down
	check "the agent is gone after the uninstallation" no_agent
	check "the client finds nobody after the uninstallation" unreached
	disk >/root/disk.after
	check "the disk is as before the installation" diff /root/disk.before /root/disk.after
	check "the user's files stay after the uninstallation" ls /etc/haswitch/haswitch.conf \
		/etc/haswitch/haagentd.conf /etc/haswitch/haagentd.key
	check "no unit has failed after the uninstallation" none_failed
}

ktap_header
"$1"
web_down
journalctl -b --no-pager -o short-monotonic >"$HASW_OUT/journal.txt"
ktap_exit
