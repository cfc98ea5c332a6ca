#!/bin/sh
# Fills a folder with what the binary needs of a system: make-system.sh FOLDER, as root, on Debian.
#
# The packages are Debian's, as they are today; what they are is noted where scanners of images look for it.
set -eu

packages="libc6 libgcc-s1 ca-certificates"
user=65532

system=${1:?the folder to fill}
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT

download() {
  cd "$downloads"
  chown _apt .
  # shellcheck disable=SC2086 # a list of words
  apt-get download -q $packages 2>/dev/null || { apt-get update -q && apt-get download -q $packages; }
}

unpack() {
  mkdir -p "$system/var/lib/dpkg/status.d"
  for package in "$downloads"/*.deb; do
    dpkg-deb --extract "$package" "$system"
    dpkg-deb --field "$package" >"$system/var/lib/dpkg/status.d/$(dpkg-deb --field "$package" Package)"
  done
}

# Conversions of character sets, locales and the like, that the binary has itself or never uses; licences stay.
trim() {
  rm -rf "$system"/usr/lib/*/gconv "$system"/usr/lib/*/audit "${system:?}"/usr/sbin "${system:?}"/usr/bin "${system:?}"/sbin \
    "$system"/usr/share/man "$system"/usr/share/lintian "$system"/usr/share/locale "$system"/usr/lib/locale
  find "$system/usr/share/doc" -type f ! -name copyright -delete
}

# Where the packages of a release put all libraries below /usr, the old places lead there.
link_old_places() {
  for place in lib lib64; do
    if [ ! -e "$system/$place" ] && [ -d "$system/usr/$place" ]; then ln -s "usr/$place" "$system/$place"; fi
  done
}

# What the packages would do when they are configured.
configure() {
  mkdir -p "$system/etc/ssl/certs" "$system/etc/headgate"
  cat "$system"/usr/share/ca-certificates/mozilla/*.crt >"$system/etc/ssl/certs/ca-certificates.crt"
  echo "hosts: files dns" >"$system/etc/nsswitch.conf"
  echo "root:x:0:0:root:/:/sbin/nologin" >"$system/etc/passwd"
  echo "headgate:x:$user:$user:Headgate:/var/lib/headgate:/sbin/nologin" >>"$system/etc/passwd"
  printf 'root:x:0:\nheadgate:x:%s:\n' "$user" >"$system/etc/group"
  install -d -m 1777 "$system/tmp"
  install -d -m 700 -o "$user" -g "$user" "$system/var/lib/headgate"
}

download
unpack
trim
link_old_places
configure
