# shellcheck shell=bash
# For the scripts that make something in the cache: whole or not at all, one at a time, from the Debian
# mirror that this machine already uses. Sourced after common.sh, not run.

progress_failed() { # progress_failed LOG: the log's end, then exit 3
	printf '  failed; the end of %s:\n' "$1" >&2
	tail -n 25 "$1" >&2
	exit 3
}

die() {
	printf 'farm: %s\n' "$*" >&2
	exit 3
}

need_root() { # need_root WHAT
	have_root || die "$1 needs root: run this once as root (sudo ./farm run), or set" \
		"XDG_CACHE_HOME to a cache where root has already prepared it"
}

# A temporary folder beside its final place: a rename within one file system is atomic, so whoever
# looks sees the whole thing or nothing. A trap removes it if we are interrupted.
make_temporary() { # make_temporary FINAL; sets $temporary
	mkdir -p "$(dirname "$1")"
	rm -rf --one-file-system "$1".tmp.* # of a run that was killed; we hold the lock
	temporary=$(mktemp -d "$1.tmp.XXXXXX")
	chmod 755 "$temporary"
	# shellcheck disable=SC2064 # the value of now
	trap "rm -rf --one-file-system '$temporary'" EXIT
	trap 'exit 130' INT TERM
}

publish() { # publish FINAL: $temporary becomes FINAL
	if ! mv -T "$temporary" "$1" 2>/dev/null; then
		# Somebody else made the same thing at the same time: theirs is as good.
		[ -d "$1" ] || die "$1: cannot be put in place"
	fi
	rm -rf "$temporary"
	trap - EXIT INT TERM
}

one_at_a_time() { # one_at_a_time NAME: two prepares at once would do the work twice
	mkdir -p "$(cache_folder)"
	exec 9>"$(cache_folder)/$1.lock"
	flock 9
}

unless_made() { # unless_made NAME FINAL: ends the script where FINAL is whole; if not, nobody else makes it meanwhile
	[ ! -e "$2/identity" ] || exit 0
	one_at_a_time "$1"
	[ ! -e "$2/identity" ] || exit 0
}

# The mirror this machine already uses, so that no host name has to be written down anywhere.
debian_mirror() { # debian_mirror [LABEL]
	local mirror
	# shellcheck disable=SC2016 # apt's own names
	mirror=$(env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' |
		sed -n "s/ Debian ${1:-Debian}\$//p" | head -n 1)
	[ -n "$mirror" ] || die "apt knows no mirror of ${1:-Debian}: add one to /etc/apt/sources.list.d and run apt-get update"
	printf '%s\n' "$mirror"
}

# An apt of our own for another suite or architecture: its lists and state lie in the cache, the
# machine's sources stay as they are. Sets APT_CONFIG. Lists older than a day are fetched again.
# With `security` also that suite's security updates, from where this machine gets its own.
private_apt() { # private_apt SUITE ARCHITECTURE [security]
	local folder mirror security
	mirror=$(debian_mirror)
	folder=$(cache_folder)/apt/$1-$2${3:+-$3}
	mkdir -p "$folder/lists/partial" "$folder/archives/partial"
	cat >"$folder/sources.list" <<-END
		deb [arch=$2 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main
		deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main
	END
	if [ "${3:-}" = security ]; then
		security=$(debian_mirror Debian-Security)
		printf 'deb [arch=%s signed-by=%s] %s %s-security main\n' "$2" \
			/usr/share/keyrings/debian-archive-keyring.gpg "$security" "$1" >>"$folder/sources.list"
	fi
	# Valid-Until off: a mirror that is a snapshot is stale for ever, and signatures are still checked.
	cat >"$folder/apt.conf" <<-END
		Dir::State "$folder";
		Dir::State::status "/dev/null";
		Dir::State::lists "$folder/lists";
		Dir::Cache "$folder";
		Dir::Cache::archives "$folder/archives";
		Dir::Etc::sourcelist "$folder/sources.list";
		Dir::Etc::sourceparts "-";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
		Acquire::Check-Valid-Until "false";
		APT::Architecture "$2";
		APT::Architectures { "$2"; };
		APT::Sandbox::User "root";
		APT::Update::Post-Invoke-Success "";
	END
	export APT_CONFIG=$folder/apt.conf
	if [ -z "$(find "$folder/updated" -mmin -1440 2>/dev/null)" ]; then
		apt-get -q update >"$folder/update.log" 2>&1 || progress_failed "$folder/update.log"
		touch "$folder/updated"
	fi
}
