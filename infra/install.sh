#!/bin/sh
# Installs netfold for this machine, or takes it away again. The same command twice changes nothing.
# It reaches no network but what `npm install` does for the packages that netfold is made of, and runs none of their scripts.
set -eu

usage() {
  cat <<'TEXT'
Usage: install.sh [options]

  --agent              also the service of the node daemon
  --server             also the service of the control plane
  --replica            the same as one of several: see infra/README.md for what it needs in /etc/netfold first
  --prefix DIR         where `netfold` goes (default: /usr/local)
  --tarball FILE       what `npm pack` made; without it, the checkout that this script is in
  --unit-dir DIR       write the units there and start nothing, as for an image
                       (default: /etc/systemd/system, where systemd runs; without systemd, no units)
  --uninstall          stop the services and remove what was installed; keys, settings and the ledger stay
  --purge              with --uninstall: remove these too (/var/lib/netfold)
  -h, --help           print this

Examples:
  sudo infra/install.sh --agent                   a machine of the network
  sudo infra/install.sh --server --agent          the control plane, which is a machine of the network too
  sudo infra/install.sh --replica                 one control plane of several
  infra/install.sh --prefix ~/.local              only the command, without root
  sudo infra/install.sh --uninstall
TEXT
}

say() { printf 'netfold: %s\n' "$*" >&2; }
fail() {
  say "$1"
  [ $# -lt 2 ] || printf '  %s\n' "$2" >&2
  exit 1
}

prefix=/usr/local
roles=
replica=
tarball=
unit_dir=
uninstall=
purge=
while [ $# -gt 0 ]; do
  case $1 in
    --agent | --server) roles="$roles ${1#--}" ;;
    --replica)
      roles="$roles server"
      replica=yes
      ;;
    --prefix | --tarball | --unit-dir)
      [ $# -ge 2 ] || fail "$1 needs a value" 'see: install.sh --help'
      case $1 in
        --prefix) prefix=$2 ;;
        --tarball) tarball=$2 ;;
        --unit-dir) unit_dir=$2 ;;
      esac
      shift
      ;;
    --uninstall) uninstall=yes ;;
    --purge) purge=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "unknown option $1" 'see: install.sh --help' ;;
  esac
  shift
done
[ -z "$purge" ] || [ -n "$uninstall" ] || fail '--purge is for --uninstall'

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
if [ ! -d "$prefix" ]; then
  [ -z "$uninstall" ] || fail "there is no $prefix"
  mkdir -p "$prefix"
fi
prefix=$(CDPATH='' cd -- "$prefix" && pwd)
package=$prefix/lib/node_modules/netfold

# systemd is told only about units that it reads itself.
systemd=
if [ -z "$unit_dir" ] && [ -d /run/systemd/system ]; then
  systemd=yes
  unit_dir=/etc/systemd/system
fi

need() { command -v "$1" >/dev/null 2>&1 || fail "there is no $1 here" "$2"; }

writable() { [ -w "$1" ] || fail "$1 is not yours to write" 'run the same command with sudo, or choose another --prefix'; }

remove_unit() {
  unit=netfold-$1.service
  [ -n "$unit_dir" ] && [ -e "$unit_dir/$unit" ] || return 0
  writable "$unit_dir"
  if [ -n "$systemd" ]; then systemctl disable --now --quiet "$unit" || true; fi
  rm -f "$unit_dir/$unit" "$unit_dir/$unit.d/replica.conf"
  rmdir "$unit_dir/$unit.d" 2>/dev/null || true # unless there is something of yours in it
  if [ -n "$systemd" ]; then systemctl daemon-reload; fi
  say "removed $unit_dir/$unit"
}

completion_file() {
  case $1 in
    bash) echo "$prefix/share/bash-completion/completions/netfold" ;;
    zsh) echo "$prefix/share/zsh/site-functions/_netfold" ;;
    fish) echo "$prefix/share/fish/vendor_completions.d/netfold.fish" ;;
  esac
}

if [ -n "$uninstall" ]; then
  writable "$prefix"
  for role in agent server; do remove_unit "$role"; done
  for shell in bash zsh fish; do rm -f "$(completion_file "$shell")"; done
  if [ -e "$package" ]; then
    need npm 'install Node, which brings it'
    npm uninstall --global --prefix "$prefix" --no-fund --no-audit --loglevel=error netfold >&2
    say "removed $package"
  fi
  if [ -n "$purge" ]; then
    rm -rf /var/lib/netfold /var/lib/private/netfold
    say 'removed /var/lib/netfold'
  elif [ -e /var/lib/netfold ]; then
    say 'kept /var/lib/netfold: keys, settings and the ledger (--purge removes them)'
  fi
  say 'netfold is not installed here any more'
  exit 0
fi

need node 'install Node 18 or newer; the Node that netfold runs on comes with its dependencies'
need npm 'install Node 18 or newer, which brings it'
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ] || fail "Node $(node -v) is too old" 'install Node 18 or newer'
writable "$prefix"
if [ -n "$replica" ] && [ -n "$systemd" ]; then
  for file in server-secret store-password tls.crt tls.key; do
    [ -r "/etc/netfold/$file" ] || fail "there is no /etc/netfold/$file" 'a replica needs it: see infra/README.md'
  done
fi
[ -z "$unit_dir" ] || [ -z "$roles" ] || {
  mkdir -p "$unit_dir"
  writable "$unit_dir"
}

work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

if [ -z "$tarball" ] && [ -e "$root/nest-cli.json" ]; then
  work=$(mktemp -d)
  say "packing $root …"
  node "$root/infra/launch/launch.cjs" dist/apps/cli/src/main.js --version >/dev/null # builds what is not built
  (cd "$root" && npm pack --ignore-scripts --silent --pack-destination "$work" >/dev/null)
  tarball=$(echo "$work"/netfold-*.tgz)
fi
if [ -n "$tarball" ]; then
  [ -r "$tarball" ] || fail "cannot read $tarball"
  case $tarball in /*) ;; *) tarball=$PWD/$tarball ;; esac # npm takes a relative one for a name
  say "installing $(basename "$tarball") below $prefix …"
  npm install --global --prefix "$prefix" --omit=dev --ignore-scripts --prefer-offline --no-fund --no-audit --loglevel=error "$tarball" >&2
fi
[ -e "$package/package.json" ] || fail "netfold is not installed below $prefix" 'name a tarball: --tarball FILE'

netfold=$prefix/bin/netfold
version=$("$netfold" --version)
for shell in bash zsh fish; do
  file=$(completion_file "$shell")
  mkdir -p "$(dirname "$file")"
  "$netfold" completion "$shell" >"$file"
done

# The Node that comes with netfold, or else the one that is here: systemd knows no PATH of yours.
pinned_node() {
  node -p "require.resolve('node-' + process.platform + '-' + process.arch + '/package.json', { paths: ['$package'] }).replace(/package.json$/, 'bin/node')" 2>/dev/null ||
    command -v node
}

add_unit() {
  unit=netfold-$1.service
  sed -e "s|@NODE@|$(pinned_node)|" -e "s|@PACKAGE@|$package|" "$package/infra/systemd/$unit" >"$unit_dir/$unit.new"
  mv "$unit_dir/$unit.new" "$unit_dir/$unit"
  say "wrote $unit_dir/$unit"
  if [ "$1" = server ] && [ -n "$replica" ]; then
    mkdir -p "$unit_dir/$unit.d"
    cp "$package/infra/systemd/netfold-server-replica.conf" "$unit_dir/$unit.d/replica.conf"
    say "wrote $unit_dir/$unit.d/replica.conf"
  fi
  [ -n "$systemd" ] || return 0
  # Who ran an agent by hand has it for root alone, and the server is another user: what is in it is locked by itself.
  [ ! -d /var/lib/netfold ] || chmod 755 /var/lib/netfold
  systemctl daemon-reload
  systemctl enable --quiet "$unit"
  systemctl restart "$unit"
}

for role in $roles; do
  if [ -n "$unit_dir" ]; then add_unit "$role"; else say "there is no systemd here; run it yourself: $netfold $role"; fi
done

say "netfold $version is installed: $netfold"
case $roles in
  *server*)
    if [ -n "$replica" ]; then
      say "its first API token: sudo $netfold server token --secret-file /etc/netfold/server-secret"
    elif [ -n "$systemd" ]; then
      say "its first API token: sudo $netfold server token"
    fi
    ;;
esac
case $roles in
  *agent*) say "to join a network: sudo $netfold up --server URL" ;;
esac
