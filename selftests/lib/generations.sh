# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2086,SC2154 # the words here have no spaces; dir, service and member are the test's
# Files of generations on the disk of node c that are lost, torn, copied from elsewhere, or cannot be written; and what
# c boots with.
#
# Sourced by replicate.sh, whose words for a cluster of a, b and c it uses.

# file NUMBER [NAME]: the file of that generation on a node, or on c.
file() { compgen -G "$dir/config-${2:-c}/$(printf %010d $1)-*.conf"; }

# gone NUMBER: the file of what c runs is lost while its agent runs. It comes back, and nothing else happens.
gone() {
	local file
	file=$(file $1) && rm "$file" && slowly 20 test -e "$file" && cmp "$file" "$(file $1 a)" && current $1 &&
		logged c "generation $1 is on the disk again"
}

# lost HOW: the file of what is in force is lost or torn at a restart of c, and the other files have other settings of
# all agents. While the other keepers stand still, all say that c does not run it. Then c gets its text, and does.
lost() {
	local now file code name keepers=()
	now=$(($(generation) + 1))
	echo "load = { cpu = \"90%\"; rise = $now; };" | cat - "$dir/agents" >"$dir/lost"
	haadm -n a cluster apply "$dir/one" agents "$dir/lost" && slowly 5 current $now && slowly 10 shared &&
		gone $now && file=$(file $now) && stop TERM c || return 1
	if [ $1 = torn ]; then truncate -s -20 "$file"; else rm "$file"; fi
	for name in a b; do keepers+=("$(pgrep -P "$(<"$dir/$name.pid")" -x haagentd-keeper)"); done
	kill -STOP "${keepers[@]}"
	start c && wait_for 20 logged c "the file of generation $now, which is in force here, is lost or torn" &&
		wait_for 20 logged c "the settings of all agents in generation $now are not known here" &&
		slowly 20 knows_behind b c && knows_behind c c && haadm -n b status | tee "$dir/shown" |
		grep -q "^WARNING: c does not run generation $now of the configuration, which is committed"
	code=$?
	kill -CONT "${keepers[@]}"
	[ $code -eq 0 ] && slowly 30 current $now && slowly 10 shared && cmp "$file" "$(file $now a)" &&
		logged c "generation $now is on the disk again"
}

# knows_behind NAME NODE: it says that the other one does not run what is committed.
knows_behind() {
	haadm -n $1 -j status | jq -e --arg name $2 '.nodes[] | select(.name == $name) |
		.config_state == "refused" and .config_current == false' >/dev/null
}

# generation_file FOLDER NUMBER FILE: that text, as another cluster has committed it.
generation_file() {
	python3 - "$@" <<-'END'
		import hashlib, sys
		folder, number, text = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "rb").read()
		name = hashlib.blake2b(text, digest_size=32).hexdigest()[:16]
		text += f"# haswitch configuration {number} {name} 1700000000 x -\n".encode()
		open(f"{folder}/{number:010d}-{name}.conf", "wb").write(text)
		print(name)
	END
}

# boot FILE [CONF]: what the unit haswitch does on c; with another file of the agent.
boot() {
	HAAGENTD_CONF="$dir/${2:-c.conf}" haadm -n c restore --committed --fallback "$dir/good" "$1" 2>"$dir/said"
}
# off: its agent has ended, its module has nothing, and what it wrote down is of an earlier boot.
off() { stop TERM c && empty && sed -i 's/^[^ ]*/earlier/' "$dir/config-c/applied"; }
empty() { haadm -n c restore --no-self "$dir/nothing"; }

# A node boots with what was in force there last, and says which files it has used and not used.
booted() {
	local now file code=0
	now=$(generation) file=$(file $now)
	text >"$dir/old" && : >"$dir/nothing" && off && boot "$dir/old" || return 1
	cat "$dir/said"
	[ "$(saved c)" = "$(saved a)" ] && cmp "$file" "$dir/good" &&
		grep -q "^haadm: $file is in force, as the cluster has committed it; $dir/old" "$dir/said" || return 1
	# Where its file is torn, the one before.
	cp "$file" "$dir/kept" && truncate -s -20 "$file" && empty && boot "$dir/old" &&
		grep -q "^haadm: $(file $((now - 1))) is in force" "$dir/said" || code=1
	cp "$dir/kept" "$file"
	[ $code -eq 0 ] && start c && soon $now "$member"
}

# A generation that is not for this machine: what is in force stays, and the file is better than nothing.
booted_elsewhere() {
	local now before code=0
	now=$(generation)
	mkdir "$dir/other" && printf 'node add x addr 10.9.9.1\nnode add y addr 10.9.9.2\n' >"$dir/bad" &&
		generation_file "$dir/other" 7 "$dir/bad" &&
		sed "s|$dir/config-c|$dir/other|" "$dir/c.conf" >"$dir/x.conf" && before=$(saved c) && off &&
		boot "$dir/old" || return 1
	boot "$dir/old" x.conf && code=1
	cat "$dir/said"
	grep -q "no node is this machine" "$dir/said" && [ "$(saved c)" = "$before" ] && [ $code -eq 0 ] &&
		empty && boot "$dir/old" x.conf && grep -q "^haadm: warning: so $dir/old is put in place" "$dir/said" &&
		saved c | grep -q "^lease add web" && ! saved c | grep -q "$member" || return 1
	# Without generations the file is all there is, and nothing is said.
	rm "$dir/other"/* && empty && boot "$dir/old" x.conf && [ ! -s "$dir/said" ] &&
		saved c | grep -q "lease add web" && start c && soon $now "$member"
}

# The folder of another cluster was copied to c, with a generation of the same number. c comes to run this cluster's.
copied() {
	local now name life n hash saved more
	now=$(generation)
	stop TERM c && name=$(generation_file "$dir/config-c" $now "$dir/bad") &&
		read -r life n hash saved more <"$dir/config-c/applied" &&
		echo "$life $now $name $saved $more" >"$dir/config-c/applied" && start c && soon $now "$member" &&
		slowly 20 test -e "$dir/config-c/$(printf %010d $now)-$name.conf.foreign" &&
		logged c "$dir/config-c had another generation $now, .*; its file ends with .foreign now" &&
		haadm -n c snapshot show $now | cmp - <(haadm -n a snapshot show $now) && [ "$n" = $now ] &&
		[ "$hash" != "$name" ]
}

# A disk with an error can become a read-only one. Its node refuses what it can not store, and runs what it has. Each
# agent has the mounts that there were when it began.
read_only() {
	local now code=0
	now=$(generation)
	stop TERM c && mount --bind "$dir/config-c" "$dir/config-c" && mount -o remount,bind,ro "$dir/config-c" &&
		text "$service" "service add 10.0.0.100:8/udp" >"$dir/bad" && start c || return 1
	soon $now "$member" &&
		logged c "config-c cannot be used: Read-only file system; no configuration of the cluster" &&
		fails 2 "node c refuses it, so nothing was changed on any node: .*Read-only file system" \
			apply a "$dir/bad" && same $now "$member" && known || code=1
	stop TERM c && umount "$dir/config-c" && start c && soon $now "$member" && return $code
}

# young NAME: it has heard both others within 10 s.
young() { haadm -n $1 -j agent show | jq -e '[.peers[] | .age | . < 10000000000] | length == 2 and all'; }

# clocks_apart: both sides know whose clock is ahead, and doctor names it.
clocks_apart() {
	logged a "c: its clock is .* ahead of this node's" && logged c "a: its clock is .* behind this node's" &&
		haadm -n a doctor | grep -qE '^clock: the clock of c is (59m59s|1h00m) ahead of this node' &&
		haadm -n c agent show | grep -qE "^  a +heard, .*, its clock is (59m59s|1h00m) behind this node's"
}

# agree: a says so, and doctor does not name the clock any more.
agree() { logged a "c: its clock agrees with this node's again" && ! haadm -n a doctor | grep "^clock"; }

# The wall clock of c is an hour ahead. What is new goes by numbers, and how long ago something was by no wall clock.
hour_ahead() {
	local now code=0 ahead
	now=$(generation)
	ahead="env LD_PRELOAD=$(dirname "$(command -v haagentd)")/../lab/other_clock.so HASW_CLOCK=3600"
	stop TERM c && binary="$ahead haagentd" start c && soon $now "$member" &&
		text "$service" "$member" "service add 10.0.0.100:9/udp" >"$dir/nine" || return 1
	ip netns exec c $ahead haadm cluster apply "$dir/nine" && slowly 5 current $((now + 1)) &&
		haadm -n a snapshot create mine &&
		haadm -n b snapshot create if-changed | grep -q "nothing has changed" &&
		ip netns exec c $ahead haadm snapshot create if-changed | grep -q "nothing has changed" &&
		apply b "$dir/one" && soon $((now + 3)) "$member" &&
		haadm -n a -j snapshot list | jq -e '.generations | (.[2].time - .[1].time) > 3500 and
			([.[].generation] | . == (sort | reverse))' &&
		[ -n "$(file $((now + 1)) a)" ] && [ -n "$(file $((now + 1)))" ] &&
		young a && young c && known && wait_for 30 clocks_apart || code=1
	stop TERM c && start c && soon "$(generation)" "$member" && wait_for 30 agree && return $code
}
