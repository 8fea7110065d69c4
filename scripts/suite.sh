# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A Debian suite beside the machine's own: fetches packages from it through a private apt, /etc/apt stays as it is.
#
# Sourced. The entry of another suite is the machine's own one with the suite replaced, so whatever
# mirror, proxy and key the machine uses serve here too. The private apt knows that suite alone and
# only ever downloads: nothing of it can be installed, hence nothing needs pinning.

suite_cache="${XDG_CACHE_HOME:-$HOME/.cache}/haswitch"

# suite_entries: one "CODENAME LABEL REPO-URI SIGNED-BY" line for each Debian entry of the machine.
suite_entries() {
	# shellcheck disable=SC2016 # apt expands these
	local format='$(CODENAME)|$(LABEL)|$(REPO_URI)|$(SIGNED_BY)|$(ORIGIN)|$(COMPONENT)'

	apt-get indextargets --format "$format" 'Created-By: Packages' |
		awk -F'|' '$5 == "Debian" && $6 == "main" { sub(/\$.*/, "", $4); print $1 "|" $2 "|" $3 "|" $4 }' | sort -u
}

# suite_has PACKAGE: does the machine's own apt offer it? (Its lists may never have been fetched.)
suite_has() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# suite_source SUITE: the sources.list line of a suite.
suite_source() {
	local suite=$1 codename label uri signed base='' key=''

	while IFS='|' read -r codename label uri signed; do
		if [ "$codename" = "$suite" ]; then
			base=$uri key=$signed
			break
		fi
		case "$suite,$label" in
		*-security,Debian-Security) base=$uri key=$signed ;;
		*-security,Debian) [ -n "$base" ] || { base=${uri%/}-security/; key=$signed; } ;;
		*,Debian) [ -n "$base" ] || { base=$uri key=$signed; } ;;
		esac
	done < <(suite_entries)
	[ -n "$base" ] || { echo "suite.sh: this machine has no Debian entry to derive $suite from" >&2; return 1; }
	: "${key:=/usr/share/keyrings/debian-archive-keyring.gpg}"
	echo "deb [signed-by=$key] $base $suite main"
}

# suite_apt SUITE APT-COMMAND ARGS...: runs apt-get or apt-cache on that suite alone.
suite_apt() {
	local suite=$1 dir="$suite_cache/apt/$1" tool=$2 source
	shift 2

	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/empty"
	if ! [ -e "$dir/fresh" ] || [ -n "$(find "$dir/fresh" -mmin +720)" ]; then
		source=$(suite_source "$suite") || return 1
		echo "$source" >"$dir/sources.list"
		_suite_apt "$dir" apt-get update -qq >&2 || return 1
		touch "$dir/fresh"
	fi
	_suite_apt "$dir" "$tool" "$@"
}

_suite_apt() {
	local dir=$1 tool=$2
	shift 2

	"$tool" -o "Dir::Etc::sourcelist=$dir/sources.list" -o "Dir::Etc::sourceparts=$dir/empty" \
		-o "Dir::Etc::preferences=$dir/empty/none" \
		-o "Dir::Etc::preferencesparts=$dir/empty" -o "Dir::State::lists=$dir/lists" \
		-o "Dir::Cache=$dir" -o "Dir::Cache::archives=$dir/archives" -o Acquire::Languages=none \
		-o APT::Sandbox::User=root "$@"
}

# suite_pick PACKAGE SUITE...: prints "-" when the machine's own apt has it, else the first suite that does.
suite_pick() {
	local package=$1 suite
	shift

	if suite_has "$package"; then
		echo -
		return 0
	fi
	for suite; do
		if suite_apt "$suite" apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
			echo "$suite"
			return 0
		fi
	done
	echo "suite.sh: no package $package, neither in this machine's suites nor in: $*" >&2
	return 1
}

# suite_run SUITE TOOL ARGS...: suite_apt, or plain apt where the suite is "-".
suite_run() {
	if [ "$1" = - ]; then
		shift
		"$@"
	else
		suite_apt "$@"
	fi
}

# suite_version SUITE PACKAGE: the version that would be downloaded. awk reads to the end: apt-cache fails when nobody
# reads what it says, and callers have pipefail.
suite_version() {
	suite_run "$1" apt-cache show --no-all-versions "$2" | awk '$1 == "Version:" && !n++ { print $2 }'
}

# suite_depends SUITE PACKAGE PATTERN: the names that PACKAGE depends on and that match PATTERN (awk).
suite_depends() {
	suite_run "$1" apt-cache show --no-all-versions "$2" | awk -v pattern="$3" '
		$1 == "Depends:" && !seen++ {
			sub(/^Depends: /, "")
			n = split($0, item, / *, */)
			for (i = 1; i <= n; i++) {
				split(item[i], word, " ")
				if (word[1] ~ pattern) print word[1]
			}
		}'
}

# suite_download SUITE DIR PACKAGE...: fetches the packages into DIR.
suite_download() {
	local suite=$1 dir=$2
	shift 2

	mkdir -p "$dir"
	(cd "$dir" && suite_run "$suite" apt-get -qq -o APT::Sandbox::User=root download "$@" >&2)
}
